import { describeGitContract } from '../../ports/git.contract.ts'
import { systemGit } from './repository.ts'

describeGitContract('the system git', systemGit)
