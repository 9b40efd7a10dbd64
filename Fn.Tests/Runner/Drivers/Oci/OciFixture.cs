using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Fn.Runner.Linux;
using Fn.Tests.Runner.Drivers.Oci.Images;

namespace Fn.Tests.Runner.Drivers.Oci;

/// <summary>A data directory with archives of small images, for all tests of the driver.</summary>
public sealed class OciFixture : IDisposable
{
    private static readonly string[] Applets = ["sh", "cat", "echo", "sleep", "tr", "id", "touch", "env", "dd", "yes", "head", "ln", "mkdir", "ip", "grep", "nc"];

    private readonly Lock _lock = new();
    private readonly HashSet<string> _made = [];
    private Task<string>? _native;

    public string Data { get; } = Directory.CreateDirectory($"/dev/shm/fn-oci-{Guid.NewGuid():N}").FullName;

    public string Archives => Directory.CreateDirectory(Path.Combine(Data, "images")).FullName;

    /// <summary>The image that runs a script.</summary>
    public string Shell(string script, params string[] volumes)
    {
        var image = $"test/shell:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(script + string.Concat(volumes))))[..16]}";
        lock (_lock)
        {
            if (_made.Add(image))
                Archive(image, script, volumes).SaveDocker(Path.Combine(Archives, $"{_made.Count}.tar"));
        }
        return image;
    }

    /// <summary>The image whose program is missing.</summary>
    public string Broken()
    {
        const string Image = "test/broken:1";
        lock (_lock)
        {
            if (_made.Add(Image))
                new TestArchive { Name = Image, Run = new JsonObject { ["Entrypoint"] = new JsonArray("/no/such") } }.Layer(new TestLayer().File("a")).SaveLayout(Path.Combine(Archives, "broken.tar"));
        }
        return Image;
    }

    /// <summary>The image of <see cref="NativeFunction"/>.</summary>
    public async Task<string> NativeAsync()
    {
        const string Image = "test/native:1";
        Task<string> compiling;
        lock (_lock)
            compiling = _native ??= NativeFunction.CompileAsync(Data);
        var program = await compiling;
        lock (_lock)
        {
            if (_made.Add(Image))
                new TestArchive { Name = Image, Run = new JsonObject { ["Entrypoint"] = new JsonArray("/function") } }.Layer(new TestLayer().FileOf("function", program)).SaveDocker(Path.Combine(Archives, "native.tar"));
        }
        return Image;
    }

    public void Dispose()
    {
        foreach (var root in Directory.Exists($"{Data}/oci/roots") ? Directory.GetDirectories($"{Data}/oci/roots") : [])
            Mounts.RemoveAll(root);
        Directory.Delete(Data, recursive: true);
    }

    private static TestArchive Archive(string image, string script, string[] volumes)
    {
        var layer = new TestLayer().Directory("bin").FileOf("bin/busybox", "/bin/busybox");
        foreach (var applet in Applets)
            layer.Link($"bin/{applet}", "busybox");
        var run = new JsonObject
        {
            ["Entrypoint"] = new JsonArray("/bin/sh", "-c", script),
            ["Env"] = new JsonArray("PATH=/bin", "IMAGES=own"),
            ["User"] = "tester",
            ["Volumes"] = new JsonObject(volumes.Select(volume => KeyValuePair.Create(volume, (JsonNode?)new JsonObject()))),
        };
        return new TestArchive { Name = image, Run = run }.Layer(layer).Layer(new TestLayer().File("etc/passwd", "root:x:0:0::/:\ntester:x:77:88::/:\n"));
    }
}
