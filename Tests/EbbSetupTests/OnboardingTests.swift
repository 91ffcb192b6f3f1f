import EbbTestSupport
import Foundation
import Testing

@testable import EbbModel
@testable import EbbSetup

@Suite struct OnboardingTests {
    /// What a caller does: records each event before it acts.
    private static func advance(_ onboarding: inout Onboarding, stopBefore limit: Int) {
        for _ in 0..<limit {
            switch onboarding.next {
            case .perform(let step): onboarding.append(.intent(step))
            case .resume(let step):
                onboarding.append(.done(step))
                if step == .trial { onboarding.append(.trialFound(atRisk: 0, isComplete: true)) }
            case .undo(let step): onboarding.append(.undone(step))
            case .blocked, .complete, .rolledBack: return
            }
        }
    }

    @Test func `the steps come in their order, each with its intent first`() {
        var onboarding = Onboarding()
        Self.advance(&onboarding, stopBefore: 100)
        #expect(onboarding.next == .complete)
        let order = onboarding.events.compactMap { event -> OnboardingStep? in
            if case .done(let step) = event { step } else { nil }
        }
        #expect(order == OnboardingStep.allCases)
    }

    @Test func `a crash at any point is continued from the journal, or undone from there`() {
        for length in 0...20 {
            var onboarding = Onboarding()
            Self.advance(&onboarding, stopBefore: length)
            let replayed = Onboarding(replaying: onboarding.events)
            #expect(replayed.next == onboarding.next)
            var forward = replayed
            Self.advance(&forward, stopBefore: 100)
            #expect(forward.next == .complete)

            var back = replayed
            back.append(.rollback)
            var undone: [OnboardingStep] = []
            while case .undo(let step) = back.next {
                undone.append(step)
                back.append(.undoIntent(step))
                #expect(back.next == .undo(step))
                back.append(.undone(step))
            }
            #expect(back.next == .rolledBack)
            #expect(undone == undone.sorted { Self.rank($0) > Self.rank($1) })
            let begun = Set(
                onboarding.events.compactMap { event -> OnboardingStep? in
                    if case .intent(let step) = event { step } else { nil }
                })
            #expect(Set(undone) == begun)
        }
    }

    private static func rank(_ step: OnboardingStep) -> Int { OnboardingStep.allCases.firstIndex(of: step) ?? 0 }

    @Test func `erasing is not armed while the trial shows or hides a loss`() {
        let before = OnboardingStep.allCases.prefix { $0 != .arm }.map(OnboardingEvent.done)
        for found in [
            nil, OnboardingEvent.trialFound(atRisk: 2, isComplete: true), .trialFound(atRisk: 0, isComplete: false),
        ] {
            let onboarding = Onboarding(replaying: before + [found].compactMap { $0 })
            guard case .blocked = onboarding.next else {
                Issue.record("\(onboarding.next)")
                continue
            }
            #expect(onboarding.nextAfterMending == onboarding.next)
        }
        let clean = Onboarding(replaying: before + [.trialFound(atRisk: 0, isComplete: true)])
        #expect(clean.next == .perform(.arm))
    }

    @Test func `a loss is agreed to for the newest look only, and another look may help`() {
        let before = OnboardingStep.allCases.prefix { $0 != .arm }.map(OnboardingEvent.done)
        let found = OnboardingEvent.trialFound(atRisk: 3, isComplete: true)
        #expect(Onboarding(replaying: before + [found]).needsAnotherLook)
        let agreed = Onboarding(replaying: before + [found, .lossAccepted(by: "ops", losses: nil)])
        #expect(agreed.next == .perform(.arm))
        #expect(!agreed.needsAnotherLook)
        let later = Onboarding(replaying: before + [found, .lossAccepted(by: "ops", losses: nil), found])
        #expect(later.needsAnotherLook)
        let unseen = OnboardingEvent.trialFound(atRisk: 0, isComplete: false)
        let blind = Onboarding(replaying: before + [unseen, .lossAccepted(by: "ops", losses: nil)])
        #expect(blind.needsAnotherLook)
    }

    @Test func `the journal's events are read back from what is stored`() throws {
        let events: [OnboardingEvent] = [
            .intent(.datasets), .done(.persist), .failed(.adopt, "a \"b\"\n"),
            .trialFound(atRisk: 4, isComplete: false), .lossAccepted(by: "ops", losses: nil), .rollback,
            .undoIntent(.arm), .undone(.blank),
        ]
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let texts = try events.map { String(decoding: try encoder.encode($0), as: UTF8.self) }
        #expect(texts[0] == #"{"event":"intent","step":"datasets"}"#)
        #expect(texts[3] == #"{"atRisk":4,"event":"trialFound","isComplete":false}"#)
        let read = try texts.map { try JSONDecoder().decode(OnboardingEvent.self, from: Data($0.utf8)) }
        #expect(read == events)
    }

    @Test func `a failed step waits for a person, and goes on when it is mended`() {
        let onboarding = Onboarding(replaying: [.intent(.datasets), .failed(.datasets, "no pool")])
        #expect(onboarding.next == .blocked("datasets failed: no pool"))
        #expect(onboarding.nextAfterMending == .resume(.datasets))
    }

    @Test func `a plan tells what is offered, what is lost, and what each step undoes`() throws {
        let host = try HostName("db1")
        let mount = Mount(
            device: "0:1", root: BytePath("/"), mountPoint: BytePath("/"), options: "rw", fileSystem: "zfs",
            source: "rpool/ROOT/debian", superOptions: "rw")
        let boot = Mount(
            device: "0:2", root: BytePath("/"), mountPoint: BytePath("/boot"), options: "rw", fileSystem: "ext4",
            source: "/dev/sda1", superOptions: "rw")
        let plan = OnboardingPlan(
            settings: HostSettings(
                host: host, connection: ConnectionSettings(host: host, address: "db1"),
                root: RootSettings(strategy: .zfs, dataset: "rpool/ROOT/debian", blank: "ebb-blank"),
                persistence: [PersistenceEntry(path: "/var/lib/postgresql", mechanism: .bind)]),
            survey: HostSurvey(loader: .grub, initramfs: .initramfsTools, zfs: "2.1.11", hasSystemdInitrd: false),
            facts: HostFacts(mounts: [mount, boot]), datasets: nil,
            drift: [
                DriftEntry(
                    change: PathChange(path: BytePath("/root/a\nb"), change: .added, kind: .file),
                    verdict: .unexplained, stateClass: .unknown, reason: "")
            ], isComplete: false)
        #expect(plan.mechanism == .initramfsZFS)
        #expect(
            plan.text.hasPrefix(
                """
                db1: erase mechanisms
                  use  initramfs-zfs
                  no   initramfs-btrfs: the root is zfs, not btrfs
                  no   initramfs-mkfs: the root is zfs, not ext4
                  no   initramfs-tmpfs: a root on ZFS is not mounted by the script that this follows
                  no   overlayroot: the package overlayroot is not installed
                  no   systemd-volatile: systemd.volatile=overlay needs an initramfs with systemd in it
                  no   dracut-zfs: the initramfs is not dracut's
                  no   nixos: this is no NixOS host
                would be lost today: 1 paths, or more: not all was seen
                  /root/a\\nb  unknown
                persistence set: 1 paths
                  bind  /var/lib/postgresql
                steps
                  1 datasets; undone: datasets and subvolumes stay: Ebb destroys none

                """), "\(plan.text)")
    }
}
