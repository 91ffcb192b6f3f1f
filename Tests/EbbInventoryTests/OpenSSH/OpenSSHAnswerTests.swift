import EbbModel
import Testing

@testable import EbbInventory

@Suite struct OpenSSHAnswerTests {
    @Test func `ssh -G tells what the user's configuration says`() {
        let answer = OpenSSHAnswer(
            """
            host db1
            user ops
            hostname 10.0.3.11
            port 2222
            identitiesonly yes
            identityfile ~/.ssh/fleet
            identityfile ~/.ssh/id_ed25519
            userknownhostsfile /home/ops/.ssh/known_hosts /dev/null
            globalknownhostsfile none
            proxyjump ops@bastion:22,inner
            """)
        #expect(answer.hostName == "10.0.3.11")
        #expect(answer.port == 2222)
        #expect(answer.user == "ops")
        #expect(answer.identitiesOnly)
        #expect(answer.identityFiles == ["~/.ssh/fleet", "~/.ssh/id_ed25519"])
        #expect(answer.knownHostsFiles == ["/home/ops/.ssh/known_hosts"])
        #expect(answer.jumps == ["ops@bastion:22", "inner"])
    }
}
