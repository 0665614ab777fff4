import { ROLES, type Role } from './words.ts'

const TEXTS: Readonly<Record<Role, Readonly<Record<'zh' | 'en', string>>>> = {
  operator: { zh: '运营', en: 'the operators' },
  finance: { zh: '财务', en: 'finance' },
  support: { zh: '客服', en: 'support' },
}

/** A role of the shop's people in words; one that is not known stands as it is. */
export const roleText = (role: string, language: 'zh' | 'en'): string =>
  ROLES.includes(role as Role) ? TEXTS[role as Role][language] : role
