import { describeDetachedWorktreeContract } from '../../ports/detached-worktree.contract.ts'
import { describeGitContract } from '../../ports/git.contract.ts'
import { systemGit } from './repository.ts'

describeGitContract('the system git', systemGit)
describeDetachedWorktreeContract('the system git', systemGit)
