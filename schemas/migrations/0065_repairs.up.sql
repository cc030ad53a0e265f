-- Windows whose peak fell, or whose change died, are computed anew by themselves. Rows derived of metrics need no row of organizations, as the
-- metrics themselves need none: changes may come from a database whose organizations weir's does not know, or know no longer.

CREATE INDEX agent_metrics_fallen_peaks ON public.agent_metrics (window_start) WHERE peak_is_upper_bound;

ALTER TABLE weir.recompute_wishes
  ADD COLUMN cause text NOT NULL DEFAULT 'operator' CHECK (cause IN ('operator', 'letter'));
COMMENT ON TABLE weir.recompute_wishes IS 'Windows that are to be recomputed, the newest day first: those that an operator wants to be (weir rollups recompute), and those of changes that died.';
COMMENT ON COLUMN weir.recompute_wishes.cause IS 'operator; or letter: a change of the window died, and the window waits until it is closed.';

ALTER TABLE public.system_health DROP CONSTRAINT system_health_organization_id_fkey;
ALTER TABLE public.alerts DROP CONSTRAINT alerts_organization_id_fkey;
