// What Swift needs of libssh2, and of the C library beside it.
#ifndef EBB_CLIBSSH2_SHIM_H
#define EBB_CLIBSSH2_SHIM_H
#include <libssh2.h>
#include <malloc.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

typedef ssize_t (*ebb_send)(
    libssh2_socket_t socket, const void *bytes, size_t count, int flags, void **abstract);
typedef ssize_t (*ebb_receive)(
    libssh2_socket_t socket, void *bytes, size_t count, int flags, void **abstract);
typedef void (*ebb_disconnected)(
    LIBSSH2_SESSION *session, int reason, const char *message, int message_length,
    const char *language, int language_length, void **abstract);

// libssh2 takes every callback as `void *`, which Swift cannot make of a function.
static inline void ebb_session_set_callbacks(
    LIBSSH2_SESSION *session, ebb_send send, ebb_receive receive, ebb_disconnected disconnected) {
    libssh2_session_callback_set(session, LIBSSH2_CALLBACK_SEND, (void *)send);
    libssh2_session_callback_set(session, LIBSSH2_CALLBACK_RECV, (void *)receive);
    libssh2_session_callback_set(session, LIBSSH2_CALLBACK_DISCONNECT, (void *)disconnected);
}

// A descriptor of its own kind: it wakes a loop that waits for it, or stands in for a socket where the
// handshake only calls fcntl on it.
static inline int ebb_event_descriptor(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }

// The recipient channel of the SSH_MSG_CHANNEL_REQUEST "exit-status" that fills `block`, which
// libssh2 is about to free; -1 for any other block.
static inline int64_t ebb_exit_status_channel(void *block) {
    static const unsigned char name[] = "\0\0\0\013exit-status";
    const unsigned char *bytes = (const unsigned char *)block;
    if (block == NULL || malloc_usable_size(block) < 25 || bytes[0] != 98
        || memcmp(bytes + 5, name, sizeof name - 1) != 0)
        return -1;
    return (int64_t)bytes[1] << 24 | bytes[2] << 16 | bytes[3] << 8 | bytes[4];
}
#endif
