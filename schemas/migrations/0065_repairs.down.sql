-- Rows of organizations that weir does not know have no place before.
DELETE FROM public.alerts a WHERE NOT EXISTS (SELECT FROM public.organizations o WHERE o.id = a.organization_id);
DELETE FROM public.system_health h WHERE NOT EXISTS (SELECT FROM public.organizations o WHERE o.id = h.organization_id);
ALTER TABLE public.alerts ADD FOREIGN KEY (organization_id) REFERENCES public.organizations (id) ON DELETE RESTRICT;
ALTER TABLE public.system_health ADD FOREIGN KEY (organization_id) REFERENCES public.organizations (id) ON DELETE RESTRICT;

DELETE FROM weir.recompute_wishes WHERE cause = 'letter';
ALTER TABLE weir.recompute_wishes DROP COLUMN cause;
COMMENT ON TABLE weir.recompute_wishes IS 'Windows that an operator wants to be recomputed (weir rollups recompute), the newest day first.';

DROP INDEX public.agent_metrics_fallen_peaks;
