import { once } from "node:events";
import { PassThrough } from "node:stream";
import { runsContainer } from "../model/run-files.ts";
import type { Services } from "../services/services.ts";

/** A file made line by line from what is read once for all of them. */
export interface LineFile<Item> {
  readonly path: string;
  /** Nothing, a line or several, each with its end. */
  readonly toText: (item: Item) => string;
}

/**
 * Writes several files from one pass over the items. The slowest file sets the pace: no more than one group of items
 * is held, and little of each file.
 * @throws what reading threw, or what the first broken file did; nothing goes on in the background then.
 */
export async function writeSideBySide<Item>(
  { files }: Pick<Services, "files">,
  outputs: readonly LineFile<Item>[],
  groups: AsyncIterable<readonly Item[]>,
): Promise<void> {
  const pipes = outputs.map(({ path, toText }) => ({ path, toText, stream: new PassThrough() }));
  const work = [
    feed(pipes, groups),
    ...pipes.map(({ path, stream }) => files.writeStream(runsContainer, path, stream)),
  ];
  try {
    await Promise.all(work);
  } catch (error) {
    for (const { stream } of pipes) {
      stream.destroy(error instanceof Error ? error : new Error(String(error)));
    }
    await Promise.allSettled(work);
    throw error;
  }
}

interface Pipe<Item> extends LineFile<Item> {
  readonly stream: PassThrough;
}

async function feed<Item>(
  pipes: readonly Pipe<Item>[],
  groups: AsyncIterable<readonly Item[]>,
): Promise<void> {
  for await (const items of groups) {
    await Promise.all(pipes.map(({ stream, toText }) => send(stream, items.map(toText).join(""))));
  }
  for (const { stream } of pipes) stream.end();
}

async function send(stream: PassThrough, text: string): Promise<void> {
  if (text !== "" && !stream.write(text)) await once(stream, "drain");
}
