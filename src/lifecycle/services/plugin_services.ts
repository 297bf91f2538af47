/**
 * What one plugin may ask of the host: all its services, as one table.
 *
 * @module
 */

import { CordonError } from "../../errors.ts";
import type { Handler } from "../../rpc/incoming_calls.ts";
import type { NotificationHandler } from "../../rpc/peer.ts";
import { clipText } from "../../rpc/remote_error.ts";
import type { Sandbox } from "../../sandbox/sandbox.ts";
import type { CallLink } from "../call_link.ts";
import { Activity } from "../idle/activity.ts";
import { CallService, type CallServiceContext } from "./call_service.ts";
import { EventService, type EventServiceContext } from "./event_service.ts";
import { type HearLine, LogService, type TakeRecord } from "./log_service.ts";
import { ResourceService, type ResourceServiceContext } from "./resource_service.ts";
import { Refusals, type Service } from "./service.ts";

/** The connection to the plugin. */
type PluginPeer = Pick<Sandbox["peer"], "notify" | "originOf">;

/** What the services reach. */
export interface ServiceContext
  extends
    Omit<CallServiceContext, "refusals" | "notify" | "linkOf">,
    Omit<EventServiceContext, "refusals" | "linkOf">,
    Omit<ResourceServiceContext, "refusals"> {
  /** Takes log records. */
  readonly log: TakeRecord;
  /** Hears each line, those that are dropped for coming too fast included. */
  readonly hear?: HearLine;
  /** Told when the plugin asked for something that its manifest does not name. */
  readonly onRefusal: (message: string) => void;
}

/** The host as one plugin sees it. */
export class PluginServices implements Disposable {
  readonly #log: LogService;
  readonly #refusals: Refusals;
  readonly #streamFaults: Refusals;
  readonly #services: readonly Service[];
  #peer: PluginPeer | undefined;

  /** What goes on between the plugin and the host. */
  readonly activity: Activity = new Activity(() => this.#services.some(({ isHolding = false }) => isHolding));
  /** What it subscribed to. */
  readonly events: Pick<EventService, "begin" | "leave" | "pause" | "resume">;
  /** Methods by name. */
  readonly handlers: ReadonlyMap<string, Handler>;
  /** Notifications by name. */
  readonly notifications: ReadonlyMap<string, NotificationHandler>;

  /** @param context What the services reach. */
  constructor(context: ServiceContext) {
    const { manifest: { id }, registry } = context;
    const refusals = this.#refusals = new Refusals(context.onRefusal);
    this.#streamFaults = new Refusals((message, code) =>
      registry.note(code === "stream_idle" ? "stream.idle" : "stream.full", { message }, id)
    );
    this.#log = new LogService(context.manifest, context);
    const linkOf = (id: number | undefined) =>
      id === undefined ? undefined : this.#peer?.originOf(id) as CallLink | undefined;
    const events = this.events = new EventService({ ...context, refusals, linkOf });
    this.#services = [
      new CallService({
        ...context,
        refusals,
        linkOf,
        notify: (method, params) => this.#notify(method, params),
      }),
      events,
      new ResourceService({ ...context, refusals }),
      this.#log,
    ];
    this.handlers = new Map(
      this.#services.flatMap(({ handlers, idleRequests = [] }) =>
        Object.entries(handlers).map(([name, handler]): [string, Handler] => [
          name,
          idleRequests.includes(name) ? handler : this.activity.watch(handler),
        ])
      ),
    );
    this.notifications = new Map<string, NotificationHandler>([
      ...this.#services.flatMap(({ notifications = {} }) => Object.entries(notifications)),
      ["unsent", ([why]) => {
        const words = typeof why === "string" ? clipText(why) : "something";
        this.noteRefusal(new CordonError("unsent", `It could not send what it wanted to: ${words}`));
      }],
    ]);
  }

  /** Takes up the connection by which the plugin is told things; it has asked nothing before. */
  connect(peer: PluginPeer): void {
    this.#peer = peer;
  }

  /** Takes a line that the plugin printed. */
  print(stream: "stdout" | "stderr", line: string): void {
    this.#log.print(stream, line);
  }

  /** Notes what was refused before it came to any of them. */
  noteRefusal(error: CordonError): void {
    this.#refusals.note(error);
  }

  /** Notes that a stream was ended for what the plugin did, or did not do. */
  noteStreamFault(error: CordonError): void {
    this.#streamFaults.note(error);
  }

  /** Gives back what the plugin holds in each of them. */
  [Symbol.dispose](): void {
    for (const service of this.#services) service[Symbol.dispose]();
  }

  #notify(method: string, params: readonly unknown[]): void {
    try {
      this.#peer?.notify(method, params);
    } catch {
      // A plugin that is gone or does not read needs no word; its channel is closed.
    }
  }
}
