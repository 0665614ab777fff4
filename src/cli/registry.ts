import type { Command } from './command.ts'
import { accountAdd } from './commands/account-add.ts'
import { accountList } from './commands/account-list.ts'
import { accountPause, accountResume } from './commands/account-pause.ts'
import { accountRemove } from './commands/account-remove.ts'
import { accountSet } from './commands/account-set.ts'
import { adminSecret } from './commands/admin-secret.ts'
import { backupCommand } from './commands/backup.ts'
import { classifyCommand } from './commands/classify.ts'
import { codeList } from './commands/code-list.ts'
import { codeSet, codeUnset } from './commands/code-set.ts'
import { connectionAdd } from './commands/connection-add.ts'
import { connectionList } from './commands/connection-list.ts'
import { connectionRemove } from './commands/connection-remove.ts'
import { connectionSet } from './commands/connection-set.ts'
import { connectionOff, connectionOn } from './commands/connection-switch.ts'
import { customerShow } from './commands/customer-show.ts'
import { customerUnblock } from './commands/customer-unblock.ts'
import { demo } from './commands/demo.ts'
import { doctor } from './commands/doctor.ts'
import { eventSend } from './commands/event-send.ts'
import { flowAdd } from './commands/flow-add.ts'
import { flowCompare } from './commands/flow-compare.ts'
import { flowKill, flowUnkill } from './commands/flow-kill.ts'
import { flowList } from './commands/flow-list.ts'
import { flowSet } from './commands/flow-set.ts'
import { flowShow } from './commands/flow-show.ts'
import { flowOff, flowOn } from './commands/flow-switch.ts'
import { flowTest } from './commands/flow-test.ts'
import { keyCreate } from './commands/key-create.ts'
import { keyList } from './commands/key-list.ts'
import { keyRevoke } from './commands/key-revoke.ts'
import { lawCheck } from './commands/law-check.ts'
import { memberAdd } from './commands/member-add.ts'
import { memberList } from './commands/member-list.ts'
import { memberRemove } from './commands/member-remove.ts'
import { messageResend } from './commands/message-resend.ts'
import { migrateCommand } from './commands/migrate.ts'
import { order } from './commands/order.ts'
import { policySet, policyShow } from './commands/policy.ts'
import { presetList } from './commands/preset-list.ts'
import { presetTake } from './commands/preset-take.ts'
import { replay } from './commands/replay.ts'
import { restoreCommand } from './commands/restore.ts'
import { reviewChanges } from './commands/review-change.ts'
import { reviewList } from './commands/review-list.ts'
import { reviewShow } from './commands/review-show.ts'
import { ruleAdd } from './commands/rule-add.ts'
import { ruleList } from './commands/rule-list.ts'
import { ruleSet } from './commands/rule-set.ts'
import { ruleOff, ruleOn } from './commands/rule-switch.ts'
import { ruleTest } from './commands/rule-test.ts'
import { sealRotate } from './commands/seal-rotate.ts'
import { shopCreate } from './commands/shop-create.ts'
import { shopList } from './commands/shop-list.ts'
import { shopSet } from './commands/shop-set.ts'
import { start } from './commands/start.ts'
import { tail } from './commands/tail.ts'
import { templateSet } from './commands/template-set.ts'
import { templateShow } from './commands/template-show.ts'
import { flowHistory, ruleHistory, templateHistory } from './commands/version-history.ts'
import { flowUndo, ruleUndo, templateUndo } from './commands/version-undo.ts'

/** Every command, in the order of the help. One more is one file and one line here. */
export const COMMANDS: readonly Command[] = [
  start,
  demo,
  doctor,
  order,
  replay,
  tail,
  classifyCommand,
  codeList,
  codeSet,
  codeUnset,
  eventSend,
  messageResend,
  customerShow,
  customerUnblock,
  flowList,
  flowShow,
  flowTest,
  flowSet,
  flowCompare,
  flowHistory,
  flowUndo,
  flowAdd,
  flowOn,
  flowOff,
  flowKill,
  flowUnkill,
  templateShow,
  templateSet,
  templateHistory,
  templateUndo,
  presetList,
  presetTake,
  policyShow,
  policySet,
  reviewList,
  reviewShow,
  ...reviewChanges,
  ruleList,
  ruleOn,
  ruleOff,
  ruleSet,
  ruleHistory,
  ruleUndo,
  ruleTest,
  ruleAdd,
  shopList,
  shopCreate,
  shopSet,
  connectionList,
  connectionAdd,
  connectionSet,
  connectionOn,
  connectionOff,
  connectionRemove,
  accountList,
  accountAdd,
  accountSet,
  accountPause,
  accountResume,
  accountRemove,
  lawCheck,
  memberList,
  memberAdd,
  memberRemove,
  keyList,
  keyCreate,
  keyRevoke,
  adminSecret,
  sealRotate,
  backupCommand,
  restoreCommand,
  migrateCommand,
]
