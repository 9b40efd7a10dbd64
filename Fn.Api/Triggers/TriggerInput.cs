using Fn.Api.Json;

namespace Fn.Api.Triggers;

/// <summary>A trigger as a client sends it. Null: not sent.</summary>
internal sealed class TriggerInput : IJsonInput
{
    public TriggerInput()
    {
    }

    public TriggerInput(string name, string appId, string functionId, string type, string source) =>
        (Name, AppId, FunctionId, Type, Source) = (name, appId, functionId, type, source);

    public string? Id { get; private set; }

    public string? Name { get; private set; }

    public string? AppId { get; private set; }

    public string? FunctionId { get; private set; }

    public string? Type { get; private set; }

    public string? Source { get; private set; }

    public Dictionary<string, string>? Annotations { get; private set; }

    public DateTimeOffset? CreatedAt { get; private set; }

    public DateTimeOffset? UpdatedAt { get; private set; }

    public void ReadField(string name, ref JsonValueReader value)
    {
        switch (name)
        {
            case "id": Id = value.ReadString(Id); break;
            case "name": Name = value.ReadString(Name); break;
            case "app_id": AppId = value.ReadString(AppId); break;
            case "fn_id": FunctionId = value.ReadString(FunctionId); break;
            case "type": Type = value.ReadString(Type); break;
            case "source": Source = value.ReadString(Source); break;
            case "annotations": Annotations = value.ReadValues(Annotations); break;
            case "created_at": CreatedAt = value.ReadTime(CreatedAt); break;
            case "updated_at": UpdatedAt = value.ReadTime(UpdatedAt); break;
        }
    }
}
