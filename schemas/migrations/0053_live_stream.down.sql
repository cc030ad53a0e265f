DROP INDEX public.notifications_unread;
DROP INDEX public.notifications_by_update;
