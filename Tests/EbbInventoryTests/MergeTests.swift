import EbbInventory
import EbbModel
import Testing

@Suite struct MergeTests {
    private let fleet = """
        all:
          vars: {ebb: {reboot: {timeout: 10m, soak: 5s}, presets: [machine-id]}}
          children:
            site:
              vars: {ebb: {reboot: {timeout: 15m}}}
              children:
                web:
                  hosts: {web1: {ebb: {reboot: {soak: 1m}}}, web2: }
                  vars:
                    ebb:
                      presets: [ssh-host-keys]
                      persist: [{mount: /persist}]
                      persistence:
                        - {path: /var/lib/a, mechanism: bind, mode: "0750"}
                        - {path: /var/lib/b, mechanism: bind}
        """

    @Test func `nearer groups win and the rest of a map stays`() throws {
        let reading = read(["hosts.yml": fleet])
        #expect(reading.told == [])
        let web1 = try #require(try reading.settings("web1"))
        #expect(web1.reboot.timeout == 900)
        #expect(web1.reboot.soak == 60)
        #expect(try reading.settings("web2")?.reboot.soak == 5)
        #expect(web1.groups == ["web", "site"])
        #expect(web1.presets == ["machine-id", "ssh-host-keys"])
    }

    @Test func `a host adds to, changes and takes out what its groups declare`() throws {
        let reading = read([
            "hosts.yml": fleet,
            "host_vars/web2.yml": """
            ebb:
              presets: ["!machine-id"]
              persistence:
                - {path: /var/lib/a, mode: "0700"}
                - {path: /var/lib/b, absent: true}
                - {path: /var/lib/c, mechanism: symlink, class: precious}
            """,
        ])
        #expect(reading.told == [])
        let web2 = try #require(try reading.settings("web2"))
        #expect(web2.presets == ["ssh-host-keys"])
        #expect(web2.persistence.map(\.path) == ["/var/lib/a", "/var/lib/c"])
        #expect(web2.persistence.first?.mode == 0o700)
        #expect(web2.persistence.first?.mechanism == .bind)
        #expect(try reading.settings("web1")?.persistence.count == 2)
    }

    @Test func `groups of equal rank that disagree are a problem, told once`() throws {
        let reading = read([
            "hosts.yml": """
            all:
              children:
                alpha: {hosts: {h1: , h2: }, vars: {ebb: {reboot: {timeout: 1m}}}}
                beta: {hosts: {h1: , h2: }, vars: {ebb: {reboot: {timeout: 2m}}}}
            """
        ])
        #expect(
            reading.told == [
                "inventory/hosts.yml:3: error: groups of equal rank set ebb.reboot.timeout "
                    + "differently: here and at inventory/hosts.yml:4; it concerns h1, h2 "
                    + "(set it on the host, or give one group a higher ebb_priority)"
            ])
    }

    @Test func `a priority, a nearer setting or equal values settle a disagreement`() throws {
        for settled in [
            "beta: {hosts: {h: }, vars: {ebb_priority: 5, ebb: {reboot: {timeout: 2m}}}}",
            "beta: {hosts: {h: {ebb: {reboot: {timeout: 2m}}}}, vars: {ebb: {reboot: {timeout: 3m}}}}",
            "beta: {children: {gamma: {hosts: {h: }, vars: {ebb: {reboot: {timeout: 2m}}}}}}",
        ] {
            let reading = read([
                "hosts.yml": """
                all:
                  children:
                    alpha: {hosts: {h: }, vars: {ebb: {reboot: {timeout: 1m}}}}
                    \(settled)
                """
            ])
            #expect(reading.told == [], "\(settled)")
            #expect(try reading.settings("h")?.reboot.timeout == 120, "\(settled)")
        }
        let equal = read([
            "hosts.yml": """
            all: {children: {
              a: {hosts: {h: }, vars: {ansible_port: 2222}},
              b: {hosts: {h: }, vars: {ansible_port: "2222"}}}}
            """
        ])
        #expect(equal.told == [])
    }

    @Test func `each setting remembers the line it came from`() throws {
        let reading = read(["hosts.yml": fleet, "group_vars/web.yml": "---\nansible_become_password: s3cret\n"])
        let host = try #require(reading.inventory.host(try HostName("web1")))
        let told = host.origins.map { "\($0.key) = \($0.value) \($0.location)" }
        #expect(told.contains("ebb.reboot.timeout = 15m inventory/hosts.yml:5"))
        #expect(told.contains("ebb.reboot.soak = 1m inventory/hosts.yml:8"))
        #expect(told.contains("ansible_become_password = ••• inventory/group_vars/web.yml:2"))
        #expect(!"\(reading.inventory)".contains("s3cret"))
    }

    @Test func `the group whose budget counts is the one that set it`() throws {
        let reading = read([
            "hosts.yml": """
            all:
              vars: {ebb: {reboot: {max_unavailable: 10%}}}
              children:
                db: {hosts: {db1: }, vars: {ebb: {reboot: {max_unavailable: 1}}}}
                web: {hosts: {web1: }}
            """
        ])
        #expect(try reading.settings("db1")?.reboot.budgetGroup == "db")
        #expect(try reading.settings("web1")?.reboot.budgetGroup == "all")
        #expect(try reading.settings("web1")?.reboot.maxUnavailable == .percent(10))
    }
}
