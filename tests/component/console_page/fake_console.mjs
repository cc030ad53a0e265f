// A console that speaks the real one's contract from memory, so that the page can be shown what a real pipeline shows seldom: a hung
// stream, a breaker, hostile text, a server that starts again.
import {randomBytes} from 'node:crypto';
import {createServer} from 'node:http';
import {readFile} from 'node:fs/promises';
import {extname, join, normalize} from 'node:path';

const kTypes = {'.html': 'text/html; charset=utf-8', '.css': 'text/css; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.svg': 'image/svg+xml'};
const kPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
export const kToken = 'a-token-of-thirty-two-characters';

const ago = (seconds) => new Date(Date.now() - 1000 * seconds).toISOString();

function letter(id, more = {}) {
  return {
    id, group: 'weir.rollups', topic: 'weir.cdc.public.agent_executions', partition: id % 6, offset: 1000 + id, status: 'dead', kind: 'form', reason: 'missing_field',
    path: '/after/execution_time_ms', attempts: 1, waits_for: null, time: ago(600 - id), constraint: '', trace_id: '4bf92f3577b34da6a3ce929d0e0e4736', message: null,
    headers: [['content-type', 'application/json'], ['traceparent', '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01']], key: '***',
    value: JSON.stringify({op: 'u', before: null, after: {id: '***', agent_id: '***', status: 'completed', started_at: '2026-11-29T12:00:00Z'}, source: {db: 'app', table: 'agent_executions'}}), ...more,
  };
}

export const kHostile = '<img src=x onerror="window.hurt=1"><script>window.hurt=1</script>';

const kGroups = [
  {group: 'weir.insights', topics: ['weir.cdc.public.agent_executions', 'weir.cdc.public.assessment_scores'], rate: 14},
  {group: 'weir.notifications', topics: ['weir.cdc.public.alerts', 'weir.cdc.public.insights', 'weir.cdc.public.assessment_scores'], rate: 23},
  {group: 'weir.rollups', topics: ['weir.cdc.public.agent_executions', 'weir.cdc.public.agent_instances', 'weir.actions.v1'], rate: 1240},
  {group: 'weir.scoring', topics: ['weir.cdc.public.assessment_responses', 'weir.actions.v1'], rate: 86},
];

export class FakeConsole {
  constructor(page) {
    this.page = page;
    this.letters = [...Array(12).keys()].map((index) => letter(index + 1));
    this.letters.push(letter(40, {group: 'weir.scoring', topic: 'weir.actions.v1', kind: 'rule', reason: 'unknown_instrument', path: '/data/instrument'}));
    this.letters.push(letter(41, {group: 'weir.scoring', topic: 'weir.actions.v1', reason: kHostile, path: kHostile, value: kHostile, headers: [[kHostile, kHostile]]}));
    this.pauses = [];
    this.decisions = [];
    this.rows = [];
    this.plans = new Map();
    this.session = null;
    this.tick = 0;
    this.is_hung = false;
    this.faults = [];
  }

  async start(port = 0) {
    this.boot = randomBytes(4).toString('hex');
    this.seq = 0;
    this.history = [];
    this.viewers = new Set();
    this.tails = new Set();
    this.server = createServer((request, response) => this.answer(request, response).catch((error) => this.refuse(response, 500, 'bug', String(error))));
    await new Promise((resolve) => this.server.listen(port, '127.0.0.1', resolve));
    this.port = this.server.address().port;
    this.timer = setInterval(() => this.step(), 250);  // four times as fast as the real one
    this.step();
    return `http://127.0.0.1:${this.port}`;
  }

  async stop() {
    clearInterval(this.timer);
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  step() {
    if (this.is_hung) return;
    ++this.tick;
    const event = {id: `${this.boot}-${++this.seq}`, snapshot: this.snapshot()};
    this.history = [...this.history, event].slice(-60);
    for (const response of this.viewers) this.send(response, event);
    for (const response of this.tails) response.write(`id: ${this.tick}\nevent: record\ndata: ${JSON.stringify(this.record(this.tick))}\n\n`);
  }

  send(response, event) {
    response.write(`id: ${event.id}\nevent: snapshot\ndata: ${JSON.stringify(event.snapshot)}\n\n`);
  }

  wave(rate, shift = 0) {
    return rate * (1 + 0.18 * Math.sin((this.tick + shift) / 6) + 0.06 * Math.sin((this.tick + shift) * 1.7));
  }

  group(one, index) {
    const is_paused = this.pauses.some((pause) => pause.group === one.group);
    const came = this.wave(one.rate, 9 * index);
    const owner = `weir ${one.group.slice(5)} ${4711 + index} at 127.0.0.1`;
    const of_topic = (topic, share) => ({topic, in_per_second: came * share, out_per_second: is_paused ? 0 : this.wave(one.rate, 9 * index - 1) * share, lag_records: Math.round(came * 0.2), lag_seconds: 0.2 + 0.1 * index});
    return {
      group: one.group, in_per_second: came, out_per_second: is_paused ? 0 : this.wave(one.rate, 9 * index - 1), lag_records: Math.round(came * 0.2), lag_seconds: 0.2 + 0.1 * index, owned: 6,
      paused: is_paused ? 6 : 0, members: [{owner, partitions: 6}], pauses: this.pauses.filter((pause) => pause.group === one.group).map(({group, ...pause}) => pause),
      topics: one.topics.map((topic) => of_topic(topic, 1 / one.topics.length)),
      partitions: [...Array(6).keys()].map((partition) => ({topic: one.topics[0], partition, next_offset: 1000 * index + 10 * this.tick, log_end: 1000 * index + 10 * this.tick + 3, lag_records: 3, lag_seconds: 0.2, owner, epoch: 3 + index, paused: is_paused})),
      outcomes: {done: 100000 + 300 * this.tick, skipped: 12, re_sent: 0, dead: this.letters.filter((letter_) => letter_.group === one.group).length, parked: 0},
      letters: this.letters.filter((letter_) => letter_.group === one.group && letter_.status === 'dead').length, gaps: 0, watermark: null, updated_at: ago(0),
    };
  }

  snapshot() {
    const groups = kGroups.map((one, index) => this.group(one, index));
    const topics = new Map(['weir.cdc.public.users', 'weir.cdc.public.projects', 'weir.dlq'].map((topic) => [topic, 0]));
    for (const group of groups) for (const topic of group.topics) topics.set(topic.topic, (topics.get(topic.topic) ?? 0) + topic.in_per_second);
    return {
      seq: this.seq + 1, at: ago(0), faults: this.faults, sources: [{slot: 'weir', database: 'app', active: true, retained_bytes: 81920 + 997 * this.tick, wal_status: 'reserved'}],
      topics: [...topics].sort().map(([topic, rate]) => ({topic, partitions: 6, in_per_second: rate, records: 100000 + this.tick})), groups, gaps: [], refused_wakeups: [], reasons: [],
      alerts: {critical: 0, warning: 2}, notifications: {waiting: 12, resting_accounts: 1}, status_at: ago(2),
    };
  }

  record(number) {
    return {topic: 'weir.actions.v1', partition: number % 6, offset: number, time: ago(0), masked: true, headers: [['ce_type', 'user.action'], ['ce_id', '***']], key: '***', value: JSON.stringify({action: 'page.view', user: '***', n: number})};
  }

  async answer(request, response) {
    const url = new URL(request.url, 'http://localhost');
    if (url.pathname.startsWith('/api/')) return this.api(request, response, url);
    const path = normalize(url.pathname === '/' ? '/index.html' : url.pathname);
    try {
      const text = await readFile(join(this.page, path));
      response.writeHead(200, {'Content-Type': kTypes[extname(path)] ?? 'text/plain', 'Content-Security-Policy': kPolicy, 'X-Content-Type-Options': 'nosniff', 'Cache-Control': 'no-cache'});
      response.end(text);
    } catch {
      this.refuse(response, 404, 'not_found', 'there is no such page');
    }
  }

  refuse(response, status, code, detail) {
    response.writeHead(status, {'Content-Type': 'application/problem+json'});
    response.end(JSON.stringify({type: 'about:blank', title: code, status, detail, code}));
  }

  give(response, body, headers = {}) {
    response.writeHead(200, {'Content-Type': 'application/json', ...headers});
    response.end(JSON.stringify(body));
  }

  stream(response) {
    response.writeHead(200, {'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache'});
    response.write('retry: 1000\n\n');
  }

  session_now() {
    return {version: '0.1.0', login: this.session ? 'done' : 'needed', name: this.session, expires_at: null, topics: ['weir.actions.v1', 'weir.cdc.public.agent_executions']};
  }

  async api(request, response, url) {
    const path = url.pathname.slice(5);
    if (request.method === 'POST') {
      let text = '';
      for await (const part of request) text += part;
      return this.post(response, path, JSON.parse(text || '{}'));
    }
    if (path === 'stream') return this.follow(request, response);
    if (path === 'tail') return this.tail(response);
    if (path === 'series.csv') {
      response.writeHead(200, {'Content-Type': 'text/csv', 'Content-Disposition': 'attachment; filename="series.csv"'});
      return response.end('time,value\n');
    }
    const answers = {
      session: () => this.session_now(), letters: () => ({letters: this.chosen(url.searchParams), next: null}), 'letters/reasons': () => ({reasons: this.reasons(this.chosen(url.searchParams))}),
      notifications: () => this.notifications(), alerts: () => this.alerts(), organizations: () => ({organizations: [{id: '7d0f8f2a-55f5-4fd6-8f4c-0a1b2c3d4e5f', name: 'Acme'}]}),
      series: () => this.series(url.searchParams), actions: () => ({actions: this.decisions}),
    };
    if (answers[path]) return this.give(response, answers[path]());
    const one = this.letters.find((letter_) => path === `letters/${letter_.id}`);
    return one ? this.give(response, {...one, masked: true}) : this.refuse(response, 404, 'not_found', 'there is no such letter');
  }

  follow(request, response) {
    this.stream(response);
    const [boot, seq] = (request.headers['last-event-id'] ?? '').split('-');
    if (boot === this.boot) {
      for (const event of this.history) if (Number(event.id.split('-')[1]) > Number(seq)) this.send(response, event);
    } else {
      if (boot) response.write('event: reset\ndata: {"reason":"restarted"}\n\n');
      if (this.history.length > 0) this.send(response, this.history.at(-1));
    }
    this.viewers.add(response);
    response.on('close', () => this.viewers.delete(response));
  }

  tail(response) {
    this.stream(response);
    this.tails.add(response);
    response.write('event: left_out\ndata: {"records":1200}\n\n');
    response.on('close', () => this.tails.delete(response));
  }

  chosen(filter) {
    const is_chosen = (letter_, [name, value]) => ['limit', 'after', 'from', 'to', 'organization'].includes(name) || String(letter_[name]) === String(value);
    return this.letters.filter((letter_) => [...filter].every((pair) => is_chosen(letter_, pair)));
  }

  reasons(letters) {
    const counted = new Map();
    for (const {group, topic, status, kind, reason, path} of letters) {
      const key = JSON.stringify({group, topic, status, kind, reason, path});
      counted.set(key, (counted.get(key) ?? 0) + 1);
    }
    return [...counted].map(([key, number]) => ({...JSON.parse(key), letters: number, unfaithful: 0}));
  }

  post(response, path, body) {
    if (path === 'login') {
      if (body.token !== kToken) return this.refuse(response, 401, 'wrong_token', 'no operator has this token');
      this.session = 'ada';
      return this.give(response, this.session_now(), {'Set-Cookie': 'weir_console=x; HttpOnly; SameSite=Strict; Path=/'});
    }
    if (!this.session) return this.refuse(response, 401, 'login_needed', 'log in first');
    if (path === 'logout') {
      this.session = null;
      return this.give(response, this.session_now());
    }
    return path === 'actions/plan' ? this.plan(response, body) : this.confirm(response, body);
  }

  plan(response, body) {
    const plan = randomBytes(16).toString('hex');
    const common = {plan, action: body.action, expires_at: ago(-300)};
    this.plans.set(plan, body);
    if (body.action.startsWith('dlq.')) {
      const letters = this.chosen(new Map(Object.entries(body.filter)));
      return this.give(response, {...common, summary: `${letters.length} dead letters go through their group again`, letters: letters.length, left: 0, reasons: this.reasons(letters)});
    }
    if (body.action === 'groups.pause') return this.give(response, {...common, summary: `6 partitions of ${body.place.group} stand still`, partitions: 6});
    if (body.action === 'groups.resume') return this.give(response, {...common, summary: `1 pause of ${body.place.group} is lifted`, pauses: 1});
    return this.give(response, {...common, summary: 'one record is shown whole'});
  }

  confirm(response, {plan, why}) {
    const body = this.plans.get(plan);
    if (!body) return this.refuse(response, 410, 'plan_gone', 'this plan was used, or is too old: plan again');
    this.plans.delete(plan);
    const answer = this.carry_out(body, why);
    this.decisions.unshift({id: this.decisions.length + 1, at: ago(0), by: this.session, command: body.action.replace('.', ' '), filter: body.filter ?? body.place ?? {}, counts: {letters: answer.letters ?? 0}, why});
    return this.give(response, {action: body.action, ...answer});
  }

  carry_out({action, filter, place, id, ...rest}, why) {
    if (action.startsWith('dlq.')) {
      const letters = this.chosen(new Map(Object.entries(filter)));
      for (const one of letters) one.status = action === 'dlq.redrive' ? 'resolved' : 'discarded';
      if (action === 'dlq.redrive') this.rows.push(...letters.map((one) => one.id));
      return {letters: letters.length, left: 0};
    }
    if (action === 'groups.pause') {
      this.pauses.push({group: place.group, topic: null, partition: null, since: ago(0), by: this.session, why});
      return {partitions: 6};
    }
    if (action === 'groups.resume') {
      this.pauses = this.pauses.filter((pause) => pause.group !== place.group);
      return {pauses: 1};
    }
    if (action === 'letter.unmask') return {record: {...this.letters.find((one) => one.id === id), masked: false, key: 'execution-17', message: 'no such member'}};
    return {record: {...this.record(rest.offset), masked: false, key: 'user-17'}};
  }

  notifications() {
    return {
      at: ago(0), limits: [{scope: 'user', subject: '', minute_rate: 60, minute_burst: 10, hour_rate: 750, hour_burst: 250}, {scope: 'destination', subject: '', minute_rate: 30, minute_burst: 5, hour_rate: 300, hour_burst: 60}],
      accounts: [
        {account: 'email:default', state: 'fails', until: null, calls: 100, failed: 37, last_error: '503 Service Unavailable', median_ms: 120, waiting: 4, oldest_due: ago(40)},
        {account: 'push:default', state: 'works', until: null, calls: 412, failed: 0, last_error: '', median_ms: 18, waiting: 0, oldest_due: null},
        {account: 'slack:default', state: 'waits', until: ago(-45), calls: 60, failed: 1, last_error: '429 Too Many Requests', median_ms: 95, waiting: 8, oldest_due: ago(12)},
        {account: 'webhook', state: 'quiet', until: null, calls: 0, failed: 0, last_error: '', median_ms: null, waiting: 0, oldest_due: null},
      ],
      channels: [{channel: 'email', waiting: 4, due: 1, oldest_due: ago(40), leased: 0}, {channel: 'slack', waiting: 8, due: 0, oldest_due: ago(-33), leased: 1}],
      waits: [{reason: 'user_limit', channel: 'slack', messages: 8, next_due: ago(-33)}, {reason: 'account_rests', channel: 'email', messages: 4, next_due: ago(-12)}],
      messages: [{id: '0190f3c2-77aa-7c11-9a3c-0242ac120002', created_at: ago(50), channel: 'email', template: 'alert.opened', status: 'deferred', reason: 'account_rests', waits_for: 'account', due_at: ago(-12), attempts: 2}],
    };
  }

  alerts() {
    const alert = (id, more) => ({id, organization: 'Acme', kind: 'queue_length', agent_id: null, severity: 'warning', value: 90, threshold: 80, message: 'The queue has been longer than 80 for 10 minutes', opened_at: ago(900), last_seen_at: ago(5), escalated_at: null, resolved_at: null, corrected_at: null, ...more});
    return {alerts: [alert('a'), alert('b', {kind: 'success_rate', organization: 'Globex', value: 71.5, message: 'Fewer than 75 % of tasks succeed'})]};
  }

  series(parameters) {
    const level = {'5m': 300, '1h': 3600, '1d': 86400}[parameters.get('level')] * 1000;
    const metric = parameters.get('metric');
    const unit = {success_rate: '%', avg_execution_time_ms: 'ms'}[metric] ?? 'tasks';
    const to = Math.floor(Date.now() / level) * level;
    const from = Math.ceil(Date.parse(parameters.get('from')) / level) * level;
    const rows = [];
    for (let at = from; at <= to; at += level) {
      const hour = (at / 3600000) % 24;
      const value = unit === '%' ? 96 + 3 * Math.sin(at / 4e6) : Math.round(800 + 500 * Math.sin(((hour - 7) / 24) * 2 * Math.PI) + 90 * Math.sin(at / 7e5));
      rows.push([new Date(at).toISOString(), at === from + 10 * level ? null : value, at < to - 2 * level]);
    }
    return {metric, level: parameters.get('level'), unit, rows, sql: `SELECT time, ${metric}\n  FROM rollup_range('${parameters.get('from')}', '${parameters.get('to')}')\n ORDER BY time;`, metrics: []};
  }
}
