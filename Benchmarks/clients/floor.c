// The floor: what libssh2 itself costs. One thread, one poll loop, the key parsed once.
//
// floor KEY KNOWN_HOSTS PORT PARALLEL COMMAND ADDRESS...; KNOWN_HOSTS is ignored: nothing is checked.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <libssh2.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum step { CONNECT, HANDSHAKE, LOGIN, OPEN, EXEC, READ, CLOSE, DONE };

struct host {
    int fd;
    enum step step;
    LIBSSH2_SESSION *session;
    LIBSSH2_CHANNEL *channel;
};

static EVP_PKEY *key;
static unsigned char blob[51];
static const char *command;
static char buffer[32768];

static int sign(LIBSSH2_SESSION *s, unsigned char **out, size_t *length, const unsigned char *data,
                size_t count, void **abstract) {
    (void)s, (void)abstract;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    *length = 64;
    *out = malloc(64);
    int ok = EVP_DigestSignInit(context, NULL, NULL, NULL, key) == 1
             && EVP_DigestSign(context, *out, length, data, count) == 1;
    EVP_MD_CTX_free(context);
    return ok ? 0 : -1;
}

// The seed of an unencrypted ed25519 key in OpenSSH's format: it stands behind the second name.
static EVP_PKEY *read_key(const char *path) {
    static char text[4096], line[256];
    static unsigned char raw[4096];
    size_t length = 0;
    FILE *file = fopen(path, "r");
    while (file && fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = 0;
        if (line[0] == '-' || length + strlen(line) >= sizeof text) continue;
        memcpy(text + length, line, strlen(line));
        length += strlen(line);
    }
    int count = EVP_DecodeBlock(raw, (unsigned char *)text, (int)length);
    unsigned char *first = count > 0 ? memmem(raw, count, "ssh-ed25519", 11) : NULL;
    if (!first) return NULL;
    unsigned char *second = memmem(first + 11, raw + count - first - 11, "ssh-ed25519", 11);
    if (!second || second + 11 + 36 + 4 + 32 > raw + count) return NULL;
    return EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, second + 11 + 36 + 4, 32);
}

static void start(struct host *h, const char *address, int port) {
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons(port)};
    inet_pton(AF_INET, address, &name.sin_addr);
    int one = 1;
    h->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    setsockopt(h->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    connect(h->fd, (struct sockaddr *)&name, sizeof name);
    h->session = libssh2_session_init();
    libssh2_session_set_blocking(h->session, 0);
    libssh2_session_method_pref(h->session, LIBSSH2_METHOD_KEX, "curve25519-sha256");
    libssh2_session_method_pref(h->session, LIBSSH2_METHOD_HOSTKEY, "ssh-ed25519");
    libssh2_session_method_pref(h->session, LIBSSH2_METHOD_CRYPT_CS, "aes128-ctr");
    libssh2_session_method_pref(h->session, LIBSSH2_METHOD_CRYPT_SC, "aes128-ctr");
    libssh2_session_method_pref(h->session, LIBSSH2_METHOD_MAC_CS, "hmac-sha2-256");
    libssh2_session_method_pref(h->session, LIBSSH2_METHOD_MAC_SC, "hmac-sha2-256");
    h->step = CONNECT;
}

// Goes on until libssh2 wants to wait; returns -1 when the host failed.
static int advance(struct host *h) {
    for (;;) {
        int code = 0;
        switch (h->step) {
        case CONNECT: break;
        case HANDSHAKE: code = libssh2_session_handshake(h->session, h->fd); break;
        case LOGIN: {
            void *abstract = NULL;
            code = libssh2_userauth_publickey(h->session, "root", blob, sizeof blob, sign, &abstract);
            break;
        }
        case OPEN:
            h->channel = libssh2_channel_open_ex(h->session, "session", 7, 256 << 10, 32768, NULL, 0);
            code = h->channel ? 0 : libssh2_session_last_errno(h->session);
            break;
        case EXEC:
            code = libssh2_channel_process_startup(h->channel, "exec", 4, command, strlen(command));
            break;
        case READ: {
            // Reading standard error can bring in output, which nothing on the socket would tell of again.
            ssize_t got, said;
            do {
                got = libssh2_channel_read(h->channel, buffer, sizeof buffer);
                said = libssh2_channel_read_stderr(h->channel, buffer, sizeof buffer);
            } while (got > 0 || said > 0 || libssh2_poll_channel_read(h->channel, 0));
            code = libssh2_channel_eof(h->channel) ? 0 : got < 0 ? (int)got : LIBSSH2_ERROR_EAGAIN;
            break;
        }
        case CLOSE: code = libssh2_channel_wait_closed(h->channel); break;
        case DONE: return 0;
        }
        if (code == LIBSSH2_ERROR_EAGAIN) return 0;
        if (code) return -1;
        h->step++;
    }
}

int main(int count, char **arguments) {
    if (count < 7) return 2;
    key = read_key(arguments[1]);
    size_t length = 32;
    static const unsigned char head[] = "\0\0\0\013ssh-ed25519\0\0\0\040";
    memcpy(blob, head, 19);
    if (!key || EVP_PKEY_get_raw_public_key(key, blob + 19, &length) != 1) return 2;
    int port = atoi(arguments[3]), parallel = atoi(arguments[4]);
    command = arguments[5];
    libssh2_init(0);
    struct host *hosts = calloc(parallel, sizeof *hosts);
    struct pollfd *polled = calloc(parallel, sizeof *polled);
    int next = 6, answered = 0;
    unsigned open = 0;
    for (;;) {
        while ((int)open < parallel && next < count) start(&hosts[open++], arguments[next++], port);
        if (!open) break;
        for (unsigned i = 0; i < open; i++) {
            int out = hosts[i].step == CONNECT
                      || libssh2_session_block_directions(hosts[i].session)
                             & LIBSSH2_SESSION_BLOCK_OUTBOUND;
            polled[i] = (struct pollfd){hosts[i].fd, out ? POLLIN | POLLOUT : POLLIN, 0};
        }
        poll(polled, (nfds_t)open, -1);
        for (int i = (int)open - 1; i >= 0; i--) {
            if (!polled[i].revents) continue;
            if (hosts[i].step == CONNECT) hosts[i].step = HANDSHAKE;
            int code = advance(&hosts[i]);
            if (!code && hosts[i].step != DONE) continue;
            if (!code) answered++;
            if (!code) libssh2_session_disconnect(hosts[i].session, "");
            shutdown(hosts[i].fd, SHUT_RDWR);
            libssh2_session_free(hosts[i].session);
            close(hosts[i].fd);
            hosts[i] = hosts[--open];
        }
    }
    printf("answered %d\n", answered);
    return 0;
}
