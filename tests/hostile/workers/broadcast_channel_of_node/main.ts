import { BroadcastChannel } from "node:worker_threads";

export const activate = (): unknown => ({
  attack() {
    const channel = new BroadcastChannel("hostile");
    channel.postMessage("forged");
    channel.close();
    return "closed: nobody else is in this process";
  },
});
