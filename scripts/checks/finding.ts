/** One thing that is to be repaired: where (`file:line`), and what. */
export interface Finding {
  readonly where: string
  readonly problem: string
}

/** One kind of check: one file here, one line in check.ts. */
export interface Check {
  readonly name: string
  /** What it looks at, in a few words. */
  readonly says: string
  run(): Promise<readonly Finding[]>
}
