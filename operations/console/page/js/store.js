// The last snapshot, and a minute or more of each group's rates for its curve.
import {is_known} from './format.js';
import {kTables} from './tables.js';

const kKept = 120;  // points of a curve, one a second
const kMean = 5;    // snapshots of which a rate is the mean: changes reach Kafka by whole transactions, so that a single second tells little

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
      tables: kTables[group.group] ?? [],
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
    this.rates = new Map();
  }

  /** Takes a snapshot; missed says how many before it never came, which the curves show as a hole. */
  take(snapshot, missed = 0) {
    this.latest = whole(snapshot);
    for (const topic of this.latest.topics) this.calm(topic, `topic/${topic.topic}`);
    for (const group of this.latest.groups) {
      this.calm(group, `group/${group.group}`);
      for (const topic of group.topics) this.calm(topic, `group/${group.group}/${topic.topic}`);
    }
    for (const group of this.latest.groups) this.draw(group, missed);
    for (const topic of this.latest.topics) if (topic.in_per_second > 0) this.active_topics.add(topic.topic);
    for (const group of this.latest.groups) {
      for (const topic of group.topics) if (topic.lag_records > 0 || topic.out_per_second > 0) this.active_topics.add(topic.topic);
    }
  }

  /** Makes the rates of part the means of its last ones. An unknown rate stays unknown. */
  calm(part, name) {
    for (const member of ['in_per_second', 'out_per_second']) {
      if (!is_known(part[member])) continue;
      const key = `${name}/${member}`;
      const last = [...(this.rates.get(key) ?? []), part[member]].slice(-kMean);
      this.rates.set(key, last);
      part[member] = last.reduce((sum, rate) => sum + rate, 0) / last.length;
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
    this.rates.clear();
  }

  group(name) {
    return this.latest?.groups.find((group) => group.group === name) ?? null;
  }
}
