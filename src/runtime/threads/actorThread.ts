/** What an actor's thread answers to. */
import { simdActor } from "../acting/simdActor.ts";
import { rehearse } from "../engines/rehearsal.ts";
import { openMemory } from "../memory/memory.ts";
import { planRun } from "../plan/plan.ts";
import { spinFor } from "../shared/bell.ts";
import type { Place } from "./host.ts";
import { alone, holdForLife } from "./life.ts";
import type { ActorApi, RunTicket } from "./protocol.ts";

/** Blocks until the run is stopped. */
function act({ config, memory }: RunTicket, index: number, cores: number): void {
  const plan = planRun(config);
  const views = openMemory(plan, memory.buffer);
  simdActor(plan, memory, views, index, spinFor(views.busy, plan.actors, cores)).run();
}

export const actorApi = ({ cores }: Place): ActorApi => ({
  holdForLife,
  warm: rehearse,
  async run(ticket, index) {
    // The browser takes the lock from a thread that has ended, and only then: never do two write the same memory.
    await alone(`cartpool ${ticket.id} actor ${index}`, () => act(ticket, index, cores));
  },
});
