import type {
  ServiceBusReceivedMessage,
  ServiceBusReceiver,
  ServiceBusSessionReceiver,
} from "@azure/service-bus";
import { MessageAddress } from "../../model/messages.ts";
import { isUntouched } from "./given-back.ts";
import { type Source, isGone } from "./receive-messages.ts";
import { isNoneFree } from "./receive-sessions.ts";
import { readDeliveries, toDelivery } from "./session-deliveries.ts";
import { settleInTime } from "./settle-in-time.ts";

/** Messages of one receiver at once: what is told of them is stored, and they are completed, well within a lock of 30 s. */
const atOnce = 250;
/** Servers or tags may be thousands, and each costs several round trips. */
const sessionsAtOnce = 16;
/** Milliseconds without a message after which none waits; Azure answers with what is there in well under a second. */
const quiet = 3_000;
/** Milliseconds for which the SDK renews a session's lock: far more than one session takes. */
const longestSession = 3_600_000;

/** The subscription, or a session of it. */
interface Place {
  readonly receiver: Pick<ServiceBusReceiver, "receiveMessages" | "peekMessages" | "completeMessage">;
  /** Which delivery of a message from there this is, from 1. */
  readonly toDelivery: (message: ServiceBusReceivedMessage) => number;
}

/** Messages that are locked for us. */
interface Taken {
  readonly place: Place;
  readonly messages: readonly ServiceBusReceivedMessage[];
}

/** Returns how many messages were taken, told of or not. */
type Batches = AsyncGenerator<readonly MessageAddress[], number>;

/** What `TargetTopic.takeUntouched` promises, over one subscription. */
export async function* takeUntouched(
  source: Source,
  { sessions }: { readonly sessions: boolean },
): AsyncGenerator<readonly MessageAddress[]> {
  try {
    yield* sessions ? takeFromSessions(source) : takeFromSubscription(source);
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}

async function* takeFromSubscription({ client, topic, subscription }: Source): Batches {
  const receiver = client.createReceiver(topic, subscription, { maxAutoLockRenewalDurationInMs: 0 });
  try {
    return yield* takeAll([{ receiver, toDelivery }]);
  } finally {
    await receiver.close();
  }
}

/** Some sessions at a time, until fewer are free than were asked for. */
async function* takeFromSessions(source: Source): Batches {
  let count = 0;
  let isMore = true;
  while (isMore) {
    const sessions = await acceptSome(source);
    try {
      const taken = yield* takeAll(await Promise.all(sessions.map(toPlace)));
      isMore = taken > 0 && sessions.length === sessionsAtOnce;
      count += taken;
    } finally {
      await Promise.all(sessions.map((session) => session.close()));
    }
  }
  return count;
}

async function toPlace(receiver: ServiceBusSessionReceiver): Promise<Place> {
  return { receiver, toDelivery: await readDeliveries(receiver) };
}

/** @returns fewer than asked for when no more are free */
async function acceptSome(source: Source): Promise<readonly ServiceBusSessionReceiver[]> {
  const asked = Array.from({ length: sessionsAtOnce }, () => accept(source));
  const answers = await Promise.allSettled(asked);
  const sessions = answers
    .map((answer) => (answer.status === "fulfilled" ? answer.value : undefined))
    .filter((session) => session !== undefined);
  if (answers.some(({ status }) => status === "rejected")) {
    await Promise.all(sessions.map((session) => session.close()));
    await Promise.all(asked);
  }
  return sessions;
}

async function accept({
  client,
  topic,
  subscription,
}: Source): Promise<ServiceBusSessionReceiver | undefined> {
  try {
    const options = { maxAutoLockRenewalDurationInMs: longestSession };
    return await client.acceptNextSession(topic, subscription, options);
  } catch (error) {
    if (isNoneFree(error)) return undefined;
    throw error;
  }
}

async function* takeAll(places: readonly Place[]): Batches {
  let count = 0;
  let open = places;
  while (open.length > 0) {
    const taken = await Promise.all(open.map(takeSome));
    const untouched = taken.flatMap(selectUntouched);
    // Stored by who goes through the batches before the next one is asked for: only then may they be gone.
    if (untouched.length > 0) yield untouched;
    await Promise.all(taken.flatMap(complete));
    const isMore = await Promise.all(taken.map(isMoreThere));
    open = open.filter((_, index) => isMore[index]);
    count += taken.reduce((sum, { messages }) => sum + messages.length, 0);
  }
  return count;
}

/** Looks how many there are before it asks for them: the SDK waits a second for more than there are. */
async function takeSome(place: Place): Promise<Taken> {
  const { receiver } = place;
  const [first] = await receiver.receiveMessages(1, { maxWaitTimeInMs: quiet });
  if (!first?.sequenceNumber) return { place, messages: [] };
  const from = { fromSequenceNumber: first.sequenceNumber.add(1) };
  const { length } = await receiver.peekMessages(atOnce - 1, from);
  const rest = length > 0 ? await receiver.receiveMessages(length, { maxWaitTimeInMs: quiet }) : [];
  return { place, messages: [first, ...rest] };
}

function selectUntouched({ place, messages }: Taken): readonly MessageAddress[] {
  return messages
    .filter((message) => isUntouched(message, place.toDelivery(message)))
    .map(({ applicationProperties }) => MessageAddress.safeParse(applicationProperties).data)
    .filter((address) => address !== undefined)
    .filter(({ round }) => round === 1);
}

/** Also those nothing is told of: given back, they would come again at once. One that stays comes with a higher count. */
function complete({ place, messages }: Taken): readonly Promise<void>[] {
  return messages.map((message) =>
    settleInTime(place.receiver.completeMessage(message)).catch(() => undefined),
  );
}

/** Also when those that are there belong to somebody: then the next look finds nothing, and is the last. */
async function isMoreThere({ place, messages }: Taken): Promise<boolean> {
  const from = messages[0]?.sequenceNumber;
  if (!from) return false;
  const next = await place.receiver.peekMessages(1, { fromSequenceNumber: from });
  return next.length > 0;
}
