import { type CountryCode, isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js/max'

/** `phone` as E.164 when `country` (ISO 3166) or a leading + makes it certain, else as written. */
export function phoneOf(phone: string | undefined, country: string | undefined): string | undefined {
  if (phone === undefined || /^\+[1-9]\d{7,14}$/.test(phone)) return phone
  const region = country?.toUpperCase()
  const known = region !== undefined && isSupportedCountry(region) ? (region as CountryCode) : undefined
  const parsed = parsePhoneNumberFromString(phone, known)
  return parsed?.isValid() ? parsed.number : phone
}

/** A person's name as their culture writes it: 王小明, Anna Smith. */
export function personName(first: string | undefined, last: string | undefined): string | undefined {
  if (first === undefined || last === undefined) return first ?? last
  const han = /^\p{Script=Han}+$/u
  return han.test(first) && han.test(last) ? last + first : `${first} ${last}`
}
