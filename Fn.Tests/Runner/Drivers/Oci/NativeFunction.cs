using System.Diagnostics;
using Xunit;
using ChildProcess = System.Diagnostics.Process;

namespace Fn.Tests.Runner.Drivers.Oci;

/// <summary>
/// A function of the format http-stream that is one file of its own and needs no other. Each call's body says what it does: <c>fill</c> its socket directory
/// and answer how many bytes that took, <c>hang</c>; else it says hello. With <c>PROBE</c> in its environment it ends at once, with what the kernel says of a
/// socket of that family.
/// </summary>
internal static class NativeFunction
{
    private const string Source = """
        #define _GNU_SOURCE
        #include <errno.h>
        #include <fcntl.h>
        #include <signal.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <sys/socket.h>
        #include <sys/stat.h>
        #include <sys/un.h>
        #include <unistd.h>

        static char request[65536];

        static int complete(int length) {
            request[length] = 0;
            char *body = strstr(request, "\r\n\r\n");
            if (!body) return 0;
            if (strcasestr(request, "transfer-encoding: chunked")) return strstr(body, "0\r\n\r\n") != 0;
            char *said = strcasestr(request, "content-length:");
            return request + length - (body + 4) >= (said ? atoi(said + 15) : 0);
        }

        static long fill(void) {
            static char block[4096];
            long total = 0;
            for (int i = 0; i < 1000; i++) {
                char name[64];
                sprintf(name, "/tmp/iofs/f%d", i);
                int file = open(name, O_CREAT | O_WRONLY, 0600);
                if (file < 0) break;
                for (int k = 0; k < 64 && write(file, block, sizeof block) == sizeof block; k++) total += sizeof block;
                close(file);
            }
            return total;
        }

        int main(void) {
            signal(SIGPIPE, SIG_IGN);
            char *probe = getenv("PROBE");
            if (probe) return socket(atoi(probe), SOCK_DGRAM, 0) < 0 ? errno : 0;
            struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "/tmp/iofs/phony.sock" };
            int listener = socket(AF_UNIX, SOCK_STREAM, 0);
            if (bind(listener, (struct sockaddr *)&address, sizeof address) || chmod(address.sun_path, 0666) || listen(listener, 8)) return 10;
            if (symlink("phony.sock", "/tmp/iofs/lsnr.sock")) return 11;
            for (int call; (call = accept(listener, 0, 0)) >= 0; close(call)) {
                for (;;) {
                    int length = 0, count;
                    while ((count = read(call, request + length, sizeof request - 1 - length)) > 0 && !complete(length += count)) { }
                    if (count <= 0) break;
                    char *body = strstr(request, "\r\n\r\n");
                    char text[64] = "hello", answer[256];
                    if (strstr(body, "hang")) pause();
                    if (strstr(body, "fill")) sprintf(text, "%ld", fill());
                    sprintf(answer, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%s", strlen(text), text);
                    if (write(call, answer, strlen(answer)) < 0) break;
                }
            }
            return 12;
        }
        """;

    /// <summary>Makes the program in a directory, and says where it is.</summary>
    public static async Task<string> CompileAsync(string directory)
    {
        var (source, program) = (Path.Combine(directory, "function.c"), Path.Combine(directory, "function"));
        await File.WriteAllTextAsync(source, Source);
        using var compiler = ChildProcess.Start(new ProcessStartInfo("gcc", ["-static", "-o", program, source]) { RedirectStandardError = true })!;
        var errors = await compiler.StandardError.ReadToEndAsync();
        await compiler.WaitForExitAsync();
        Assert.True(compiler.ExitCode == 0, errors);
        return program;
    }
}
