import type { BatchServiceClient, BatchServiceModels } from "@azure/batch";
import { unlessCode } from "./batch-errors.ts";

export type Task = BatchServiceModels.CloudTask;
export type Node = BatchServiceModels.ComputeNode;

interface Page<Item> extends Array<Item> {
  odatanextLink?: string;
}

/** The job's tasks, 1,000 a call; undefined when the job is gone. */
export function listTasks(client: BatchServiceClient, jobId: string): Promise<Task[] | undefined> {
  const taskListOptions = { select: "id,state,executionInfo,nodeInfo" };
  return unlessCode(["JobNotFound"], () =>
    readPages(
      () => client.task.list(jobId, { taskListOptions }),
      (link) => client.task.listNext(link),
    ),
  );
}

/** The pool's nodes, 1,000 a call; undefined when the pool is gone. */
export function listNodes(client: BatchServiceClient, poolId: string): Promise<Node[] | undefined> {
  const computeNodeListOptions = { select: "id,state,errors,startTaskInfo" };
  return unlessCode(["PoolNotFound"], () =>
    readPages(
      () => client.computeNode.list(poolId, { computeNodeListOptions }),
      (link) => client.computeNode.listNext(link),
    ),
  );
}

async function readPages<Item>(
  first: () => Promise<Page<Item>>,
  next: (link: string) => Promise<Page<Item>>,
): Promise<Item[]> {
  const items: Item[] = [];
  let page = await first();
  items.push(...page);
  while (page.odatanextLink) {
    page = await next(page.odatanextLink);
    items.push(...page);
  }
  return items;
}
