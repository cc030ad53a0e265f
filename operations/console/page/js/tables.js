// The tables that each group of weir writes its results into, for the flow. A test holds the names against the migrations.
export const kTables = {
  'weir.insights': ['insights'],
  'weir.notifications': ['notification_attempts', 'notifications'],
  'weir.rollups': ['agent_metrics', 'alerts', 'engagement_rollups', 'metric_trends', 'queue_forecasts', 'system_health'],
  'weir.scoring': ['achievements_unlocked', 'activity_ratings', 'assessment_scores', 'attachment_profiles', 'growth_scores', 'learner_states',
    'module_progress', 'values_alignments'],
};
