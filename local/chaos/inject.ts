import type { FaultOrder } from "../sql-server/fault-orders.ts";
import type { FaultKind, PlannedFault } from "./plan-faults.ts";
import type { Scene } from "./scene.ts";

/** Makes one fault. @returns whether it hit anything; undefined when that shows only later, and is counted then */
type Inject = (scene: Scene, fault: PlannedFault) => boolean | undefined | Promise<boolean>;

/** Lets a planned fault happen, and counts it. */
export async function inject(scene: Scene, fault: PlannedFault): Promise<void> {
  if (await injections[fault.kind](scene, fault)) scene.count(fault.kind);
}

const injections: Readonly<Record<FaultKind, Inject>> = {
  workerKilled: (scene, fault) => signal(pickWorker(scene, fault), "SIGKILL"),
  workerFrozen: freezeWorker,
  nodeLost: (scene, fault) => {
    const worker = pickWorker(scene, fault);
    return worker !== undefined && scene.stack.batch.loseNode(worker.nodeId);
  },
  messagesDuplicated: ({ stack }, { pick }) => {
    stack.serviceBus.faults.duplicateDeliveries({ times: 1 + Math.floor(pick * 3) });
    return true;
  },
  locksDropped: ({ stack }) => stack.serviceBus.faults.dropLocks() > 0,
  settlementLost: ({ stack }, { pick }) => {
    stack.serviceBus.faults.cutSettlements({ times: 1, applied: pick < 0.5 });
    return true;
  },
  serviceBusCut: ({ stack }) => stack.serviceBus.faults.cutConnections() > 0,
  eventHubsCut: ({ stack }) => stack.eventHubs.faults.cutConnections() > 0,
  eventHubsGone: (scene, { milliseconds }) => {
    const goOn = scene.stack.eventHubs.faults.refuseSends();
    scene.stack.eventHubs.faults.cutConnections();
    scene.endAfter(milliseconds, goOn);
    return true;
  },
  sqlLoginCut: sql({ stage: "login", effect: { kind: "cut", moment: "before" } }),
  sqlLoginRefused: sql({ stage: "login", effect: toError(40613, "is not currently available", 20) }),
  sqlOpeningCut: sqlCut("sp_getapplock"),
  sqlScriptCut: sqlCut("dbo.Chaos"),
  sqlDeadlock: sql({ text: "dbo.Chaos", effect: { ...toError(1205, "deadlocked", 13), rollsBack: true } }),
  sqlThrottled: (scene, fault) => {
    const number = [40501, 49918, 49919][Math.floor(fault.pick * 3)] ?? 40501;
    return sql({ text: "WAITFOR", effect: toError(number, "The service is busy", 20) })(scene, fault);
  },
  sqlCutBeforeCommit: sql({ text: "COMMIT TRANSACTION", effect: { kind: "cut", moment: "before" } }),
  sqlCutDuringCommit: sql({ text: "COMMIT TRANSACTION", effect: { kind: "cut", moment: "during" } }),
  sqlCutAfterCommit: sql({ text: "COMMIT TRANSACTION", effect: { kind: "cut", moment: "after" } }),
  keyVaultSlow: (scene, { milliseconds }) => {
    scene.slowKeyVault(milliseconds);
    scene.endAfter(2 * milliseconds, () => {
      scene.slowKeyVault(0);
    });
    return true;
  },
  blobRefusing: ({ blob, endAfter }, { milliseconds }) => {
    blob.refuse();
    endAfter(milliseconds, () => {
      blob.open();
    });
    return true;
  },
  blobSilent: ({ blob, endAfter }, { milliseconds }) => {
    blob.hold();
    endAfter(milliseconds, () => {
      blob.open();
    });
    return true;
  },
  hostRestarted: (scene) => scene.restartHost(),
};

interface Worker {
  readonly pid: number;
  readonly nodeId: string;
}

function pickWorker({ stack }: Scene, { pick }: PlannedFault): Worker | undefined {
  const workers = stack.batch.running();
  return workers[Math.floor(pick * workers.length)];
}

function signal(worker: Worker | undefined, name: NodeJS.Signals): boolean {
  if (!worker) return false;
  try {
    return process.kill(worker.pid, name);
  } catch {
    // It ended by itself just now.
    return false;
  }
}

/** A process that stands still, loses its locks meanwhile, and goes on as if nothing were. */
function freezeWorker(scene: Scene, fault: PlannedFault): boolean {
  const worker = pickWorker(scene, fault);
  if (!signal(worker, "SIGSTOP")) return false;
  scene.stack.serviceBus.faults.dropLocks();
  scene.endAfter(fault.milliseconds, () => signal(worker, "SIGCONT"));
  return true;
}

function sqlCut(text: string): Inject {
  const moments = ["before", "during", "after"] as const;
  return (scene, fault) => {
    const moment = moments[Math.floor(fault.pick * moments.length)] ?? "before";
    return sql({ text, effect: { kind: "cut", moment } })(scene, fault);
  };
}

/** Lies in wait at one of the servers; counted when it strikes. */
function sql(order: Pick<FaultOrder, "text" | "effect"> & { readonly stage?: FaultOrder["stage"] }): Inject {
  return ({ stack, servers, count }, { pick, kind }) => {
    const server = Math.floor(((pick * 7919) % 1) * servers);
    stack.sqlFaults?.add({ stage: "request", ...order, server, applicationName: "sqlfleet" }, () => {
      count(kind);
    });
    return undefined;
  };
}

/** Severity 20 ends the connection, as Azure SQL does when it throttles or moves a database. */
function toError(number: number, what: string, severity: number): FaultOrder["effect"] & { kind: "error" } {
  return { kind: "error", number, message: `${what} (on purpose)`, class: severity };
}
