import type { Random } from '../domain/ids.ts'
import type { Clock } from '../domain/time.ts'
import type { LogLimits } from './delivery-log.ts'
import { type SmsLab, startSmsLab } from './sms-lab.ts'
import { type SmtpLab, startSmtpLab } from './smtp-lab.ts'
import { startWebhookLab, type WebhookLab } from './webhook-lab.ts'

export interface Lab {
  readonly smtp: SmtpLab
  readonly sms: SmsLab
  readonly webhook: WebhookLab
  /** What the outbound HTTP client must be allowed to reach although it is this machine. */
  readonly origins: readonly string[]
  close(): Promise<void>
}

export interface LabOptions extends LogLimits {
  readonly clock: Clock
  readonly random: Random
  /** Absent ones: any free port. */
  readonly ports?: { readonly smtp?: number; readonly sms?: number; readonly webhook?: number }
  /** Credentials that must outlive a restart, as the demo shop's do. Absent ones are made up. */
  readonly secrets?: {
    readonly smtpPass?: string
    readonly smsKey?: string
    readonly smsSecret?: string
    readonly webhookSecret?: string
  }
}

/** The provider lab: one of each simulator, on 127.0.0.1 only. Either all start or none stays. */
export async function startLab(options: LabOptions): Promise<Lab> {
  const { clock, random, ports = {}, secrets = {}, keep, everyId } = options
  const common = { clock, random, keep, everyId }
  const started: { close(): Promise<void> }[] = []
  const keepStarted = async <T extends { close(): Promise<void> }>(starting: Promise<T>): Promise<T> => {
    const lab = await starting
    started.push(lab)
    return lab
  }
  const close = async () => {
    await Promise.all(started.map((lab) => lab.close()))
  }
  try {
    const smtp = await keepStarted(startSmtpLab({ ...common, port: ports.smtp, pass: secrets.smtpPass }))
    const sms = await keepStarted(
      startSmsLab({ ...common, port: ports.sms, apiKey: secrets.smsKey, apiSecret: secrets.smsSecret }),
    )
    const webhook = await keepStarted(
      startWebhookLab({ ...common, port: ports.webhook, secret: secrets.webhookSecret }),
    )
    return { smtp, sms, webhook, origins: [...sms.origins, ...webhook.origins], close }
  } catch (error) {
    await close()
    throw error
  }
}
