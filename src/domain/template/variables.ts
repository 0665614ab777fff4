import type { Money } from '../money.ts'
import type { Instant } from '../time.ts'

/**
 * The values a template may read. The pipeline builds one per message; what is not known stays `undefined`
 * and renders as nothing. Card keys are never in here.
 */
export interface TemplateVars {
  readonly shop: {
    readonly name: string
    /** `#rrggbb`. */
    readonly colour?: string
    /** https address of the logo. */
    readonly logo?: string
    /** How a buyer reaches the shop: a mail address, phone number or account name. */
    readonly support?: string
  }
  readonly order?: {
    readonly no?: string
    readonly title?: string
    readonly total?: Money
    readonly items?: readonly { readonly name: string; readonly quantity: number }[]
    readonly expires_at?: Instant
    readonly status?: string
  }
  readonly refund?: { readonly amount?: Money }
  readonly customer?: { readonly name?: string }
  readonly links?: {
    readonly pay?: string
    readonly order?: string
    readonly preferences?: string
    readonly help?: string
    /** Shop side: this order, product or setting in the console. */
    readonly console?: string
  }
  readonly failure?: { readonly kind?: string }
  readonly stock?: { readonly name?: string; readonly left?: number }
  readonly membership?: { readonly name?: string; readonly expires_at?: Instant }
  /** The one-time code that opens the order page. Not a card key. */
  readonly code?: string
  /** Whatever else the event said. */
  readonly extra?: Readonly<Record<string, unknown>>
}
