/** Milliseconds of processor time this process has used so far, in all its threads: a busy machine adds nothing to it. */
export function processorTime(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
