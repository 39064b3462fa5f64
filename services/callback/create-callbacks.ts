import type { TokenCredential } from "@azure/core-auth";
import pRetry from "p-retry";
import { isCallbackAllowed, type CallbackAddress } from "../../model/callback.ts";
import { Failure } from "../../model/failures.ts";
import { guard } from "../guard.ts";
import type { CallbackMessage, Callbacks } from "../services.ts";
import { postLogLine, postTaskCompleted } from "./azure-devops.ts";
import { createCallbackTokens } from "./callback-tokens.ts";

export interface CallbackOptions {
  /** Where jobs' tokens are kept. */
  readonly vaultUrl: string;
  readonly verifyChallenge: boolean;
  readonly credential: TokenCredential;
  readonly allowList: readonly string[];
  /** Milliseconds before the second try; it doubles with each, up to a minute. Six tries: about one minute. */
  readonly firstDelay?: number;
}

/** Server jobs of Azure Pipelines; their tokens are in a Key Vault from the run's start to its end. */
export function createCallbacks({ allowList, firstDelay = 2_000, ...vault }: CallbackOptions): Callbacks {
  const tokens = createCallbackTokens(vault);
  return guard<Callbacks>("Callback", {
    ...tokens,
    send: async (runId, address, message) => {
      checkAllowed(address, allowList);
      const token = await tokens.read(runId);
      await pRetry(() => tell(address, token, message), {
        retries: 5,
        minTimeout: firstDelay,
        maxTimeout: 60_000,
        shouldRetry: ({ error }) => error instanceof Failure && error.code === "CallbackUnanswered",
      });
    },
  });
}

/** Checked at the edge as well; the setting may have been narrowed since. */
function checkAllowed({ planUrl }: CallbackAddress, allowList: readonly string[]): void {
  if (isCallbackAllowed(planUrl, allowList)) return;
  throw new Failure("CallbackNotAllowed", `'${planUrl}' is outside the allow-list.`);
}

/** The line is a courtesy: the job is told its end whether or not it could be written. */
async function tell(address: CallbackAddress, token: string, message: CallbackMessage): Promise<void> {
  await postLogLine(address, token, message.line).catch(() => undefined);
  await postTaskCompleted(address, token, message.result);
}
