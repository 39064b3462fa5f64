/** Every reason for which a package or a list of targets is refused; each is in the failure catalogue. */
type RefusalCode = PackageRefusalCode | ScriptRefusalCode | TargetRefusalCode;

type PackageRefusalCode =
  | "ManifestInvalid"
  | "NotAPackage"
  | "PackageEmpty"
  | "PackageIsProjectOnly"
  | "PackageTooLarge"
  | "PackageWithoutScripts"
  | "ProjectXmlMalformed"
  | "ProjectXmlUnknown"
  | "ProjectXmlWithDtd"
  | "ZipBomb"
  | "ZipCompressionUnsupported"
  | "ZipDamaged"
  | "ZipDuplicateName"
  | "ZipEncrypted"
  | "ZipTooManyEntries"
  | "ZipUnsafePath";

type ScriptRefusalCode =
  | "ScriptAttributeInvalid"
  | "ScriptIdDuplicate"
  | "ScriptMissing"
  | "ScriptNotListed"
  | "ScriptNotText"
  | "ScriptWithoutDatabase";

type TargetRefusalCode =
  | "DuplicateTarget"
  | "NoTargets"
  | "ServerAddressInvalid"
  | "TargetColonMissing"
  | "TargetDatabaseMissing"
  | "TargetDefaultRepeated"
  | "TargetNameInvalid"
  | "TargetServerMissing";

/**
 * Why a piece of input was refused. `line` is 1-based in the text that was read; `entry` names the file inside a
 * package.
 */
export interface Refusal {
  readonly code: RefusalCode;
  readonly message: string;
  readonly line?: number;
  readonly entry?: string;
}

/** Expected bad input is a value, never a throw: what was read, or the reasons (at least one) why not. */
export type Result<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failures: readonly Refusal[] };

/** A caller mends a few mistakes at a time; more than this only makes answers large. */
export const maxReportedFailures = 20;

export const succeed = <T>(value: T): Result<T> => ({ ok: true, value });

export const refuse = (...failures: readonly Refusal[]): Result<never> => ({
  ok: false,
  failures: failures.slice(0, maxReportedFailures),
});
