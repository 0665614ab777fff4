import { type CountryCode, getCountryCallingCode, isSupportedCountry } from 'libphonenumber-js/max'
import { type FaultParams, faultText } from '../errors.ts'
import type { EventData } from '../event.ts'
import { gotAt, type Language } from '../input-problems.ts'
import type { ClaimProblem } from './customer.ts'

/** Why a part of what an event says of its buyer is left out. Tells what came without repeating it: it is personal. */
export function explainClaim(
  { path, code }: ClaimProblem,
  said: NonNullable<EventData['customer']>,
  country: string | null,
  language: Language,
): string {
  const field = path.slice(path.lastIndexOf('.') + 1) as keyof typeof said
  const got = gotAt(field, said[field])
  return faultText(
    code,
    code === 'PHONE_INVALID' ? { ...phoneExpected(said.phone!, country), got } : { got },
    language,
  )
}

/** A number that begins with a country code was read as one of that country, whichever the shop's is. */
function phoneExpected(phone: string, country: string | null): FaultParams {
  const code = callingCode(country)
  if (code === null || /^\s*[+＋]/.test(phone))
    return { country: { en: 'any country', zh: '任何国家' }, example: '+8613800138000' }
  return { country: { en: country!, zh: ` ${country} ` }, example: `+${code}…` }
}

const callingCode = (country: string | null): string | null =>
  country !== null && isSupportedCountry(country) ? getCountryCallingCode(country as CountryCode) : null
