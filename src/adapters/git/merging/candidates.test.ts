import { describeCandidates } from '../../../ports/git-candidates.contract.ts'
import { systemGit } from '../repository.ts'

describeCandidates('the system git', systemGit)
