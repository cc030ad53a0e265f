-- Takes back what 0054_room_messages.up.sql made.

DROP POLICY room_read ON public.notifications;
