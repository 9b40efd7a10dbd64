using Fn.Api.Json;

namespace Fn.Api.Apps;

/// <summary>An app as a client sends it. Null: not sent.</summary>
internal sealed class AppInput : IJsonInput
{
    public string? Id { get; set; }

    public string? Name { get; set; }

    public Dictionary<string, string>? Config { get; set; }

    public Dictionary<string, string>? Annotations { get; set; }

    public string? SyslogUrl { get; set; }

    public string? Shape { get; set; }

    public void ReadField(string name, ref JsonValueReader value)
    {
        switch (name)
        {
            case "id": Id = value.ReadString(Id); break;
            case "name": Name = value.ReadString(Name); break;
            case "config": Config = value.ReadStrings(Config); break;
            case "annotations": Annotations = value.ReadValues(Annotations); break;
            case "syslog_url": SyslogUrl = value.ReadString(null); break;
            case "shape": Shape = value.ReadString(Shape); break;
            // The server's own; only their type is looked at.
            case "created_at" or "updated_at": value.ReadTime(null); break;
        }
    }
}
