/** The simulators that can play a fault on purpose. */
export type Troubled = 'email' | 'sms' | 'webhook'

export type TroubleName =
  | 'later'
  | 'error'
  | 'slow'
  | 'dropped'
  | 'address'
  | 'content'
  | 'failed_receipt'
  | 'duplicate_receipt'
  | 'early_receipt'
  | 'no_receipt'

/** A trouble that was begun, and how many of its messages have met it. */
export interface Trouble {
  readonly name: TroubleName
  readonly times: number
  readonly struck: number
}

/** Troubles on purpose, one a simulator at a time. */
export interface Troubles {
  /** What each simulator can play. */
  readonly offers: Readonly<Record<Troubled, readonly TroubleName[]>>
  now(at: Troubled): Trouble | null
  /** Befalls the next `times` messages, in place of what was begun before. */
  begin(at: Troubled, name: TroubleName, times: number): void
  end(at: Troubled): void
}
