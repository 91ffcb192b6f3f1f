import EbbInventory
import EbbModel
import Testing

@Suite struct ConnectionTests {
    @Test func `Ansible's variables say how a host is reached`() throws {
        let reading = read([
            "hosts.yml": """
            all:
              vars:
                ansible_ssh_private_key_file: keys/fleet
                ebb: {known_hosts: [known_hosts, ~/.ssh/known_hosts], connection: openssh}
              hosts:
                builder1: {ansible_host: 10.0.3.11, ansible_port: 2222, ansible_user: root}
                db[1:2]:
                  ansible_user: ebb
                  ansible_become: yes
                  ansible_become_method: doas
                  ansible_become_pass: hunter2
                plain:
            """
        ])
        #expect(reading.told == [])
        let builder = try #require(try reading.settings("builder1")).connection
        #expect(builder.address == "10.0.3.11")
        #expect(builder.port == 2222)
        #expect(builder.user == "root")
        #expect(builder.become == nil)
        #expect(builder.adapter == .openssh)
        #expect(builder.identityFiles == ["inventory/keys/fleet"])
        #expect(builder.knownHostsFiles == ["inventory/known_hosts", "/home/op/.ssh/known_hosts"])
        let database = try #require(try reading.settings("db2")).connection
        #expect(database.become?.method == .doas)
        #expect(database.become?.password?.reveal() == "hunter2")
        #expect(try reading.settings("plain")?.connection.user == "op")
        let plain = try #require(reading.inventory.host(try HostName("plain")))
        #expect(plain.open == [.address, .port, .user, .jumps])
    }

    @Test func `jump hosts are resolved, nearest to the controller first`() throws {
        let reading = read([
            "hosts.yml": """
            all:
              hosts:
                gate: {ansible_host: 192.0.2.1, ansible_port: 2200, ansible_user: jump}
                inner: {ansible_ssh_common_args: -J gate}
                a: {ansible_ssh_common_args: '-o ProxyJump="inner,ops@far:2022" -o Compression=yes'}
                b: {ansible_ssh_common_args: "-o ProxyCommand='ssh -W %h:%p -q -p 2201 x@[fd00::1]'"}
                c: {ansible_ssh_common_args: "-o ProxyJump=d"}
                d: {ansible_ssh_common_args: "-o ProxyJump=c -o StrictHostKeyChecking=no -F other"}
            """
        ])
        let hops = { (name: String) in
            try reading.settings(name)?.connection.jumps.map { "\($0.user)@\($0.address):\($0.port)" }
        }
        #expect(try hops("a") == ["jump@192.0.2.1:2200", "op@inner:22", "ops@far:2022"])
        #expect(try hops("b") == ["x@fd00::1:2201"])
        #expect(reading.told.count { $0.contains("lead in a circle") } == 2)
        #expect(reading.told.contains { $0.contains("Ebb checks them anyway") })
        #expect(reading.told.contains { $0.contains("“-F” was ignored") })
    }
}
