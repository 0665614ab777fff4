import { type AccountLaw, NO_ACCOUNT_LAW } from './book.ts'

/** One of a shop's accounts; `account`: what the shop calls it, `null` where the law was named by whoever asks. */
export interface AccountAsked {
  readonly account: string | null
  readonly law: AccountLaw
}

/**
 * The laws to hold a text against: the one that was named, else those of the shop's accounts of the channel, else its
 * country's. A law that is named may write the address that the shop has on file.
 */
export function lawsAsked(
  { law, country }: { readonly law: string | null; readonly country: string | null },
  own: readonly AccountAsked[],
): readonly AccountAsked[] {
  if (law === null && country === null && own.length > 0) return own
  const registered = own.find((each) => each.law.registered !== null)?.law.registered ?? null
  return [{ account: null, law: { ...NO_ACCOUNT_LAW, law, country, registered } }]
}
