import { describeConflicts } from '../../../ports/git-conflicts.contract.ts'
import { systemGit } from '../repository.ts'

describeConflicts('the system git', systemGit)
