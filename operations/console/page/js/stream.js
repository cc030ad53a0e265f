// The stream of snapshots. The browser reconnects by itself and says which snapshot it saw last, so that none is missed; where it gives up
// (an answer that is no stream) a new stream is begun. Whether data are old is told by the clock, since a connection may hang without an end.

const kOldAfter = 3500;  // ms; snapshots come once a second
const kSilence = 15000;  // ms without an event, after which the connection counts as dead although nobody closed it
const kAnew = 2000;      // ms until a stream is begun anew

/** What the sequence of a snapshot says of the one before it: how many lie between them that never came. */
export function missed_between(before, id) {
  if (before === null) return 0;
  const [boot, number] = id.split('-');
  const [boot_before, number_before] = before.split('-');
  return boot === boot_before ? Math.max(0, Number(number) - Number(number_before) - 1) : 0;
}

export class Stream {
  /** on: {snapshot(data, id, missed), reset(reason), state({is_connected, age})} */
  constructor(path, on) {
    this.path = path;
    this.on = on;
    this.last_id = null;
    this.heard = null;   // when the last snapshot came, by performance.now()
    this.begun = performance.now();
    this.is_connected = false;
  }

  start() {
    this.connect();
    setInterval(() => this.look(), 500);
  }

  connect() {
    this.source?.close();
    this.begun = performance.now();
    this.source = new EventSource(this.path);
    this.source.addEventListener('open', () => this.tell(true));
    this.source.addEventListener('error', () => this.failed());
    this.source.addEventListener('reset', (event) => {
      this.last_id = null;
      this.on.reset(JSON.parse(event.data).reason);
    });
    this.source.addEventListener('snapshot', (event) => this.take(event));
  }

  take(event) {
    const missed = missed_between(this.last_id, event.lastEventId);
    this.last_id = event.lastEventId;
    this.heard = performance.now();
    this.is_connected = true;
    this.on.snapshot(JSON.parse(event.data), event.lastEventId, missed);
    this.tell(true);
  }

  failed() {
    this.tell(false);
    if (this.source.readyState !== EventSource.CLOSED || this.again) return;
    this.again = setTimeout(() => {
      this.again = null;
      this.connect();
    }, kAnew);
  }

  look() {
    const quiet = performance.now() - Math.max(this.heard ?? 0, this.begun);
    if (quiet > kSilence && this.source.readyState === EventSource.OPEN) this.connect();
    this.tell(this.is_connected);
  }

  tell(is_connected) {
    this.is_connected = is_connected;
    const age = this.heard === null ? null : performance.now() - this.heard;
    this.on.state({is_connected, age, is_old: age !== null && age > kOldAfter});
  }
}
