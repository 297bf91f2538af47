/**
 * A sign that does not flicker: it is up with the first bad look and down after
 * some good ones in a row, more of them each time that it comes back soon. Pure.
 *
 * @module
 */

/** Good looks in a row that take it down. */
const GOOD_LOOKS = 2;
/** Never more than so many: what is well again is seen in the end. */
const MAX_GOOD_LOOKS = 64;
/** Up again within so many looks is the same trouble. */
const RELAPSE_LOOKS = 10;

/** One sign of trouble. */
export class SteadySignal {
  #isUp = false;
  #needed = GOOD_LOOKS;
  #goodLooks = Infinity;

  /** Takes what a look found; whether the sign is up then. */
  take(isBad: boolean): boolean {
    if (!isBad) {
      this.#goodLooks++;
      if (this.#goodLooks >= this.#needed) this.#isUp = false;
      return this.#isUp;
    }
    if (!this.#isUp) {
      const isRelapse = this.#goodLooks < this.#needed + RELAPSE_LOOKS;
      this.#needed = isRelapse ? Math.min(MAX_GOOD_LOOKS, this.#needed * 2) : GOOD_LOOKS;
      this.#isUp = true;
    }
    this.#goodLooks = 0;
    return true;
  }
}
