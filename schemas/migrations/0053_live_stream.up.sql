-- Streams and feeds of users' messages, which weir gateway reads as role authenticated under the caller's claims.

-- A stream resumes behind (updated_at, id).
CREATE INDEX notifications_by_update ON public.notifications (organization_id, user_id, updated_at, id);
-- The unread count of a page.
CREATE INDEX notifications_unread ON public.notifications (organization_id, user_id) WHERE read_at IS NULL AND channel IN ('in_app', 'dashboard');
