using System.Buffers.Binary;
using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Fn.Runner.Linux;

/// <summary>
/// Tells when something appears in a directory. One kernel instance and one thread for all directories, both there only once somebody has asked: instances
/// are few (128 a user by default), and the framework's watcher takes one, and a thread, for each directory.
/// </summary>
internal sealed partial class Inotify : IDisposable
{
    private const int CloseOnExec = 0x80000;
    private const uint Created = 0x100;
    private const uint MovedIn = 0x80;
    private const uint OnlyDirectories = 0x01000000;
    private const int NoWatch = -1;
    private const int EventHeader = 16;
    private const int LengthOffset = 12;

    private readonly Lock _lock = new();
    private readonly Dictionary<int, DirectoryWatch> _watches = [];
    private SafeFileHandle? _instance;
    private Thread? _reader;
    private SafeFileHandle? _stop;
    private bool _disposed;

    /// <summary>Begins to watch. Look at the directory after that, not before: then nothing is missed.</summary>
    public DirectoryWatch Watch(string directory)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            Start();
            var number = AddWatch(_instance!, directory, Created | MovedIn | OnlyDirectories);
            if (number < 0)
                throw Failed($"The directory {directory} cannot be watched");
            return _watches[number] = new DirectoryWatch(this, number);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            if (_disposed)
                return;
            _disposed = true;
            if (_reader is null)
                return;
            LinuxFiles.Signal(_stop!);
        }
        _reader.Join();
        _instance!.Dispose();
        _stop!.Dispose();
    }

    internal void End(int number)
    {
        lock (_lock)
        {
            // Fails when the directory is gone: the kernel has ended the watch by itself then.
            if (_watches.Remove(number) && !_instance!.IsClosed)
                _ = RemoveWatch(_instance, number);
        }
    }

    private void Start()
    {
        if (_reader is not null)
            return;
        var instance = Initialize(CloseOnExec);
        if (instance.IsInvalid)
            throw Failed("No inotify instance is to be had (fs.inotify.max_user_instances)");
        _instance = instance;
        _stop = LinuxFiles.CreateSignal();
        _reader = new Thread(ReadEvents) { IsBackground = true, Name = "inotify" };
        _reader.Start();
    }

    private void ReadEvents()
    {
        Span<byte> buffer = stackalloc byte[4096];
        while (LinuxFiles.WaitReadable(_instance!, unless: _stop!))
        {
            var count = (int)LinuxFiles.Read(_instance!, buffer);
            lock (_lock)
            {
                for (var rest = buffer[..Math.Max(count, 0)]; rest.Length >= EventHeader; rest = rest[(EventHeader + Length(rest))..])
                    Tell(BinaryPrimitives.ReadInt32LittleEndian(rest));
            }
        }
    }

    private void Tell(int number)
    {
        if (number != NoWatch)
        {
            _watches.GetValueOrDefault(number)?.Tell();
            return;
        }
        // The kernel dropped events: everybody looks.
        foreach (var watch in _watches.Values)
            watch.Tell();
    }

    private static int Length(ReadOnlySpan<byte> header) => BinaryPrimitives.ReadInt32LittleEndian(header[LengthOffset..]);

    private static Win32Exception Failed(string what) => new(Marshal.GetLastPInvokeError(), $"{what}: {Marshal.GetLastPInvokeErrorMessage()}");

    [LibraryImport("libc", EntryPoint = "inotify_init1", SetLastError = true)]
    private static partial SafeFileHandle Initialize(int flags);

    [LibraryImport("libc", EntryPoint = "inotify_add_watch", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int AddWatch(SafeFileHandle instance, string path, uint mask);

    [LibraryImport("libc", EntryPoint = "inotify_rm_watch", SetLastError = true)]
    private static partial int RemoveWatch(SafeFileHandle instance, int number);
}

/// <summary>One directory that is watched. Disposed by whoever asked for it.</summary>
internal sealed class DirectoryWatch(Inotify inotify, int number) : IDisposable
{
    private volatile TaskCompletionSource _change = New();

    /// <summary>Completes when something appears after this was asked for.</summary>
    public Task NextChange => _change.Task;

    public void Dispose() => inotify.End(number);

    internal void Tell() => Interlocked.Exchange(ref _change, New()).TrySetResult();

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
