import type { Context } from './command.ts'

/** `11-22 16:30:05` in the reader's zone; with the year where it is not the present one. */
export function localTime({ clock }: Context, at: number, timeZone: string): string {
  const day = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  })
  const partsOf = (instant: number) =>
    Object.fromEntries(day.formatToParts(instant).map(({ type, value }) => [type, value]))
  const { year, month, day: date, hour, minute, second } = partsOf(at)
  const text = `${month}-${date} ${hour}:${minute}:${second}`
  return year === partsOf(clock.now()).year ? text : `${year}-${text}`
}
