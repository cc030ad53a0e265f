// Begins the page: session, colours, views by the address, and the stream that moves them.
import {Announcer} from './js/announce.js';
import {attribute, h, say} from './js/dom.js';
import {clock, plural, seconds} from './js/format.js';
import {needs_of} from './js/needs.js';
import {Session} from './js/session.js';
import {Store} from './js/store.js';
import {Stream} from './js/stream.js';
import {start_theme} from './js/theme.js';
import {alerts} from './js/views/alerts.js';
import {deliveries} from './js/views/deliveries.js';
import {letters} from './js/views/letters.js';
import {log} from './js/views/log.js';
import {overview} from './js/views/overview.js';
import {rollups} from './js/views/rollups.js';
import {tail} from './js/views/tail.js';

const kMakers = {overview, letters, deliveries, rollups, alerts, tail, log};
const element = (id) => document.getElementById(id);

class App {
  constructor() {
    this.store = new Store();
    this.announcer = new Announcer(element('said'));
    this.session = new Session({button: element('login'), name: element('who'), announce: (words) => this.announcer.say(words)});
    this.views = {};
    this.current = null;
    this.needs = null;
    this.was_lost = false;
  }

  start() {
    start_theme(element('theme'), (words) => this.announcer.say(words));
    for (const [name, make] of Object.entries(kMakers)) {
      this.views[name] = make(this);
      this.views[name].node.hidden = true;
      element('main').append(this.views[name].node);
    }
    addEventListener('hashchange', () => this.follow());
    element('skip').addEventListener('click', (event) => {
      event.preventDefault();  // the address names a view
      element('main').focus();
    });
    this.follow(true);
    this.load_session();
    this.stream = new Stream('/api/stream', {
      snapshot: (snapshot, id, missed) => this.take(snapshot, missed),
      reset: () => this.store.reset(),
      state: (state) => this.connection(state),
    });
    this.stream.start();
  }

  async load_session() {
    try {
      await this.session.load();
      say(element('version'), this.session.now.version);
    } catch {
      setTimeout(() => this.load_session(), 2000);
    }
  }

  /** Goes to a view with parameters, as a link would. */
  go(name, parameters = {}, {keeps_focus = false} = {}) {
    const chosen = new URLSearchParams(Object.entries(parameters).filter(([key, value]) => key === 'status' || (value ?? '') !== ''));
    const hash = chosen.size > 0 ? `#${name}?${chosen}` : `#${name}`;
    this.keeps_focus = keeps_focus;
    if (location.hash === hash) this.follow();
    else location.hash = hash;
  }

  /** Shows the view that the address names. */
  follow(is_first = false) {
    const [name, parameters] = location.hash.slice(1).split('?');
    const chosen = this.views[name] ? name : 'overview';
    if (this.current !== chosen && this.current) this.views[this.current].hide?.();
    const is_new = this.current !== chosen;
    this.current = chosen;
    for (const [other, view] of Object.entries(this.views)) view.node.hidden = other !== chosen;
    for (const link of document.querySelectorAll('.places a')) attribute(link, 'aria-current', link.hash === `#${chosen}` ? 'page' : null);
    document.title = `${this.views[chosen].title} – weir`;
    if (this.store.latest) this.views[chosen].update?.(this.store.latest);
    this.views[chosen].show?.(new URLSearchParams(parameters ?? ''));
    if (is_first || this.keeps_focus) this.keeps_focus = false;
    else this.views[chosen].node.querySelector('h2')?.focus({preventScroll: !is_new});
    if (is_new && !is_first) scrollTo(0, 0);
  }

  take(snapshot, missed) {
    this.store.take(snapshot, missed);
    this.views[this.current].update?.(this.store.latest);
    this.tally();
  }

  /** The numbers at the links, and words to who cannot see them when the list of needs changes. */
  tally() {
    const {latest} = this.store;
    const show = (id, number) => {
      say(element(id), number > 0 ? number : '');
      element(id).hidden = !(number > 0);
    };
    show('tally-letters', latest.groups.reduce((sum, group) => sum + group.letters, 0));
    show('tally-alerts', latest.alerts.critical + latest.alerts.warning);
    show('tally-deliveries', latest.notifications.resting_accounts);
    const needs = needs_of(latest);
    const now = needs.map((item) => item.word).sort().join();
    if (this.needs !== null && this.needs !== now) {
      this.announcer.say(needs.length === 0 ? 'All is well again' : `${plural(needs.length, 'thing')} to look at: ${[...new Set(needs.map((item) => item.word))].join(', ')}`);
    }
    this.needs = now;
  }

  connection({is_connected, age, is_old}) {
    const is_fresh = is_connected && age !== null && !is_old;
    const word = age === null ? (is_connected ? 'Waiting for data' : 'Connecting') : is_fresh ? 'Live' : is_connected ? 'Data are old' : 'Connection lost';
    attribute(element('live'), 'class', `state ${is_fresh ? 'good' : age === null ? 'none' : is_connected ? 'warn' : 'bad'}`);
    say(element('live'), word);
    say(element('at'), this.store.latest ? clock(this.store.latest.at) : '');
    document.documentElement.classList.toggle('is-old', age !== null && !is_fresh);
    const banner = element('banner');
    banner.hidden = age === null || is_fresh;
    attribute(banner, 'class', is_connected ? 'banner' : 'banner lost');
    if (!banner.hidden) say(element('banner-text'), `${is_connected ? 'No news' : 'Connection lost'}: what you see is ${seconds(Math.floor(age / 1000))} old.${is_connected ? '' : ' Trying again.'}`);
    if (is_connected && this.was_lost && is_fresh) {
      this.was_lost = false;
      this.announcer.say('Connected again');
      this.load_session();
    } else if (!is_connected && age !== null && !this.was_lost) {
      this.was_lost = true;
      this.announcer.say('Connection lost. The figures are old.');
    }
  }
}

element('zone').append(h('span', {text: Intl.DateTimeFormat().resolvedOptions().timeZone}));
new App().start();
