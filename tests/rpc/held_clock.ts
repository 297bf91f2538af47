import { stub } from "@std/testing/mock";
import { FakeTime } from "@std/testing/time";

/** Holds the clock, and what deadlines read of it. */
export function holdClock(): FakeTime & Disposable {
  const time = new FakeTime();
  const now = stub(performance, "now", () => time.now - time.start);
  const restore = time.restore.bind(time);
  return Object.assign(time, {
    [Symbol.dispose]() {
      now.restore();
      restore();
    },
  });
}
