using YamlDotNet.Core;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace Fn.Api.Examples;

/// <summary>The part of a <c>func.yaml</c> that matters to a function run as a process; fields it has beside these are ignored.</summary>
internal sealed class FuncFile
{
    public const string FileName = "func.yaml";

    private static readonly IDeserializer Yaml =
        new DeserializerBuilder().WithNamingConvention(UnderscoredNamingConvention.Instance).IgnoreUnmatchedProperties().Build();

    public string? Name { get; set; }

    /// <summary>A file below the folder; absent for a project of the solution.</summary>
    public string? Entrypoint { get; set; }

    public string? Format { get; set; }

    /// <summary>MiB.</summary>
    public int Memory { get; set; }

    /// <summary>Seconds.</summary>
    public int Timeout { get; set; }

    /// <summary>Seconds.</summary>
    public int IdleTimeout { get; set; }

    public Dictionary<string, string>? Config { get; set; }

    /// <summary>Calls with the answers they get.</summary>
    public List<FuncTest>? Tests { get; set; }

    /// <exception cref="YamlException">The file is not what it should be.</exception>
    public static FuncFile Read(string folder)
    {
        using var reader = File.OpenText(Path.Combine(folder, FileName));
        return Yaml.Deserialize<FuncFile?>(reader) ?? new FuncFile();
    }
}

/// <summary>A call and the answer it gets.</summary>
internal sealed class FuncTest
{
    public string In { get; set; } = "";

    public string Out { get; set; } = "";
}
