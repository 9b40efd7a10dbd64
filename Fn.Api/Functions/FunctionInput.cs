using Fn.Api.Json;

namespace Fn.Api.Functions;

/// <summary>A function as a client sends it. Null or 0: not sent.</summary>
internal sealed class FunctionInput : IJsonInput
{
    public string? Id { get; set; }

    public string? Name { get; set; }

    public string? AppId { get; set; }

    public string? Image { get; set; }

    public string? Format { get; set; }

    /// <summary>MiB.</summary>
    public ulong Memory { get; set; }

    /// <summary>Seconds.</summary>
    public int Timeout { get; set; }

    /// <summary>Seconds.</summary>
    public int IdleTimeout { get; set; }

    /// <summary>How many containers are kept; null: not sent, for 0 is a number of containers.</summary>
    public int? MinHot { get; set; }

    public Dictionary<string, string>? Config { get; set; }

    public Dictionary<string, string>? Annotations { get; set; }

    public void ReadField(string name, ref JsonValueReader value)
    {
        switch (name)
        {
            case "id": Id = value.ReadString(Id); break;
            case "name": Name = value.ReadString(Name); break;
            case "app_id": AppId = value.ReadString(AppId); break;
            case "image": Image = value.ReadString(Image); break;
            case "format": Format = value.ReadString(Format); break;
            case "memory": Memory = value.ReadUInt64(Memory); break;
            case "timeout": Timeout = value.ReadInt32(Timeout); break;
            case "idle_timeout": IdleTimeout = value.ReadInt32(IdleTimeout); break;
            case "min_hot" when value.ReadInt32(int.MinValue) is var count: MinHot = count == int.MinValue ? MinHot : count; break;
            case "config": Config = value.ReadStrings(Config); break;
            case "annotations": Annotations = value.ReadValues(Annotations); break;
            // The server's own; only their type is looked at.
            case "shape": value.ReadString(null); break;
            case "created_at" or "updated_at": value.ReadTime(null); break;
        }
    }
}
