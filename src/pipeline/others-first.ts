/** Lets everything else that waits in this process have its turn: for long work that never waits itself. */
export const othersFirst = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
