import { native } from './native';
import { canonicalJson as canonical } from './remit';

export { Remit } from './remit';
export type { ChainConfig, ChainHealth, Config, Health, TokenConfig } from './remit';
export type { HostOptions } from './engine';
export { AskError, FinalError, FixError, RemitError, RetryError } from './errors';
export type { ErrorClass, ErrorCode } from './errors';
export { ExecuteClaim, ExpiredClaim, RecoverClaim, ReplayClaim, RunningClaim, UnknownClaim } from './claim';
export type { Claim, ClaimOptions, Effect, RecoverOptions } from './claim';
export { Reply } from './reply';
export type { CompleteStatement, Header, HttpAnswer, ReplyInput, SqlValue, Statement } from './reply';
export { errorAnswer, missingKeyAnswer } from './http';
export { Consumer } from './events';
export type { EventOptions, PayoutEventData, RemitEvent } from './events';
export { Payouts } from './payouts';
export type { Accepted, Payout, PayoutFilter, PayoutRequest, PayoutStatus } from './payouts';
export { Keys } from './keys';
export type { KeyInfo } from './keys';
export type { LogLine } from './port';
export type { Signer } from './signer';
export { baseUnits, formatUnits, parseUnits } from './money';

/** The version of the library's release. */
export function version(): string {
    return native().remit_version_text();
}

/** Canonical JSON (RFC 8785) of a value or of JSON text, whole or in part: what a fingerprint is made of. */
export function canonicalJson(
    value: unknown,
    paths: { readonly include?: readonly string[]; readonly exclude?: readonly string[] } = {},
): string {
    return canonical(native(), value, paths);
}
