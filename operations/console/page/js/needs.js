// What needs a person, worst first, from a snapshot. What runs as it should is not listed.
import {count, plural, seconds, words} from './format.js';

export const kBehind = 60;  // seconds of lag from which a group is behind

/** How a group is: {state: 'good' | 'warn' | 'bad' | 'still', word}. */
export function state_of(group) {
  if (group.gaps > 0) return {state: 'bad', word: 'Stands at a gap'};
  if (group.pauses.length > 0) return {state: 'still', word: group.paused > 0 && group.paused < group.partitions.length ? 'Paused in part' : 'Paused'};
  if (group.members.length === 0 && !(group.out_per_second > 0)) return {state: 'bad', word: 'Nobody reads'};
  if (group.lag_seconds !== null && group.lag_seconds >= kBehind) return {state: 'warn', word: 'Behind'};
  return {state: 'good', word: 'Keeps up'};
}

const kFaulty = {
  postgres: 'Postgres is away',
  kafka: 'Kafka is away',
  topics: 'A topic is gone',
};

function of_faults(snapshot) {
  return snapshot.faults.map((fault) => ({
    state: 'bad', word: kFaulty[fault.source] ?? `${words(fault.source)} is away`, text: fault.source === 'topics' ? fault.detail : `${fault.detail} Figures are those from before.`, since: fault.since,
  }));
}

function of_gaps(snapshot) {
  return snapshot.gaps.map((gap) => ({
    state: 'bad', word: 'Gap', since: gap.found_at, command: 'weir offsets show',
    text: `${gap.group} waits at partition ${gap.partition} of ${gap.topic}: ${words(gap.kind)}${gap.lost > 0 ? `, ${plural(gap.lost, 'record')} lost` : ''}.`,
  }));
}

function of_sources(snapshot) {
  return snapshot.sources.filter((source) => !source.active || ['unreserved', 'lost'].includes(source.wal_status)).map((source) => ({
    state: 'bad', word: source.active ? 'Slot in danger' : 'Slot idle',
    text: source.active ? `Replication slot ${source.slot} of ${source.database} is ${source.wal_status}: changes may be lost.`
      : `Nobody reads replication slot ${source.slot} of ${source.database}: the server keeps its log until weir cdc runs again.`,
  }));
}

function of_groups(snapshot) {
  const found = [];
  for (const group of snapshot.groups) {
    const {state, word} = state_of(group);
    if (word === 'Nobody reads') {
      found.push({state, word, text: `No instance of ${group.group} has a partition; ${plural(group.lag_records, 'record')} wait.`, place: '#overview'});
    } else if (word === 'Behind') {
      found.push({state, word, text: `${group.group} is ${seconds(group.lag_seconds)} behind, with ${plural(group.lag_records, 'record')} to take.`});
    }
    for (const pause of group.pauses) {
      found.push({state: 'still', word: 'Paused', since: pause.since,
        text: `${group.group}${pause.topic === null ? '' : `, ${pause.topic}`}${pause.partition === null ? '' : ` partition ${pause.partition}`}: by ${pause.by}, ${pause.why}`});
    }
    if (group.letters > 0) {
      found.push({state: 'warn', word: 'Letters', text: `${group.group} has ${plural(group.letters, 'letter')} that ${group.letters === 1 ? 'waits' : 'wait'}.`,
        place: `#letters?group=${encodeURIComponent(group.group)}`, link: 'Look at them'});
    }
  }
  return found;
}

function of_rest(snapshot) {
  const found = snapshot.refused_wakeups.map((refused) => ({
    state: 'warn', word: 'Refused', since: refused.since, command: 'weir status',
    text: `Postgres refuses a wake-up of ${refused.group}${refused.key === '' ? '' : ' for one key'}: ${words(refused.reason)}${refused.place === '' ? '' : ` (${refused.place})`}, ${plural(refused.tries, 'try', 'tries')}.`,
  }));
  if (snapshot.alerts.critical > 0) {
    found.push({state: 'bad', word: 'Alerts', text: `${plural(snapshot.alerts.critical, 'alert')} critical.`, place: '#alerts', link: 'Look at them'});
  }
  if (snapshot.alerts.warning > 0) {
    found.push({state: 'warn', word: 'Alerts', text: `${count(snapshot.alerts.warning)} ${snapshot.alerts.warning === 1 ? 'warning' : 'warnings'}.`, place: '#alerts', link: 'Look at them'});
  }
  if (snapshot.notifications.resting_accounts > 0) {
    found.push({state: 'warn', word: 'Providers', text: `${plural(snapshot.notifications.resting_accounts, 'account')} of providers ${snapshot.notifications.resting_accounts === 1 ? 'rests' : 'rest'}.`,
      place: '#deliveries', link: 'Look at them'});
  }
  return found;
}

const kWeight = {bad: 0, warn: 1, still: 2};

/** [{state, word, text, since?, place?, link?, command?}], worst first. */
export function needs_of(snapshot) {
  const all = [of_faults, of_gaps, of_sources, of_groups, of_rest].flatMap((of) => of(snapshot));
  return all.sort((a, b) => kWeight[a.state] - kWeight[b.state]);
}
