import type { ConnectionRow } from '../db/connections.ts'
import type { ConnectionId, ShopId } from '../domain/ids.ts'
import { type RailRules, railOfSource } from '../domain/inquiry/rails.ts'
import { openSettings } from '../sources/connection-settings.ts'
import type { Source } from '../sources/source.ts'
import type { Keyring } from './keyring.ts'

/** A connection whose system can be asked what became of a payment, ready to be used. */
export interface AskedConnection {
  readonly id: ConnectionId
  readonly source: Source & Required<Pick<Source, 'query'>>
  readonly settings: unknown
  readonly rules: RailRules
}

/** Of a shop's connections those that are on, whose source can ask, with settings that let it. */
export async function askedConnections(
  shop: ShopId,
  rows: readonly ConnectionRow[],
  keyring: Keyring,
  findSource: (name: string) => Source | undefined,
): Promise<readonly AskedConnection[]> {
  const askable = rows.flatMap((row) => {
    const source = findSource(row.source)
    return row.enabled && row.asks_paused_at === null && source?.query ? [{ row, source }] : []
  })
  if (askable.length === 0) return []
  const { sealer } = await keyring.open(shop)
  return askable.flatMap(({ row, source }): readonly AskedConnection[] => {
    const text = sealer.openText(row.settings, { shop, column: 'connection.settings', row: row.id })
    const opened = openSettings(source, text)
    if (!opened || !(source.asks?.(opened.settings) ?? true)) return []
    return [
      {
        id: row.id,
        source: source as AskedConnection['source'],
        settings: opened.settings,
        rules: railOfSource(row.source),
      },
    ]
  })
}
