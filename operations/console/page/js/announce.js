// Words for a screen reader. Only what changes the reader's mind is said, never a number that moves each second.

const kPause = 4000;  // ms between two announcements, the newest of which counts

export class Announcer {
  constructor(region) {
    this.region = region;
    this.at = -kPause;
    this.waiting = null;
  }

  say(words) {
    clearTimeout(this.waiting);
    const wait = Math.max(0, this.at + kPause - performance.now());
    this.waiting = setTimeout(() => {
      this.at = performance.now();
      this.region.textContent = words;
    }, wait);
  }
}
