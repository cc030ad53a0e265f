// The last snapshot, and a minute or more of each group's rates for its curve.
import {is_known} from './format.js';

const kKept = 120;  // points of a curve, one a second

/** A snapshot whose lists are lists: what the server could not ask yet is absent or null. */
export function whole(snapshot) {
  const list = (value) => (Array.isArray(value) ? value : []);
  return {
    ...snapshot,
    faults: list(snapshot.faults),
    sources: list(snapshot.sources),
    topics: list(snapshot.topics),
    gaps: list(snapshot.gaps),
    refused_wakeups: list(snapshot.refused_wakeups),
    reasons: list(snapshot.reasons),
    alerts: snapshot.alerts ?? {critical: 0, warning: 0},
    notifications: snapshot.notifications ?? {waiting: null, resting_accounts: 0},
    groups: list(snapshot.groups).map((group) => ({
      ...group,
      members: list(group.members),
      pauses: list(group.pauses),
      topics: list(group.topics),
      partitions: list(group.partitions),
      tables: list(group.tables),
      outcomes: group.outcomes ?? {},
      letters: group.letters ?? 0,
      gaps: group.gaps ?? 0,
    })),
  };
}

export class Store {
  constructor() {
    this.latest = null;
    this.curves = new Map();
    this.active_topics = new Set();
  }

  /** Takes a snapshot; missed says how many before it never came, which the curves show as a hole. */
  take(snapshot, missed = 0) {
    this.latest = whole(snapshot);
    for (const group of this.latest.groups) this.draw(group, missed);
    for (const topic of this.latest.topics) if (topic.in_per_second > 0) this.active_topics.add(topic.topic);
    for (const group of this.latest.groups) {
      for (const topic of group.topics) if (topic.lag_records > 0 || topic.out_per_second > 0) this.active_topics.add(topic.topic);
    }
  }

  draw(group, missed) {
    const curve = this.curves.get(group.group) ?? [];
    for (let hole = 0; hole < Math.min(missed, kKept); ++hole) curve.push({in: null, out: null, lag: null});
    const known = (value) => (is_known(value) ? value : null);
    curve.push({in: known(group.in_per_second), out: known(group.out_per_second), lag: known(group.lag_seconds)});
    this.curves.set(group.group, curve.slice(-kKept));
  }

  /** Begins the curves anew: what lies between is not to be had. */
  reset() {
    this.curves.clear();
  }

  group(name) {
    return this.latest?.groups.find((group) => group.group === name) ?? null;
  }
}
