/** A value that the first who asks for it has made. */
export interface Lazy<T> {
  /** What cannot be made now is tried again for the next who asks. */
  get(): Promise<T>
  /** What was made so far; `null`: nothing. Waits for what is being made, and never rejects. */
  made(): Promise<T | null>
}

export function lazily<T>(make: () => Promise<T>): Lazy<T> {
  let making: Promise<T> | null = null
  return {
    get() {
      making ??= make().catch((error) => {
        making = null
        throw error
      })
      return making
    },
    made: async () => (making === null ? null : making.catch(() => null)),
  }
}
